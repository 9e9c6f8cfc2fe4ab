/* encoding - XML files in other encodings than UTF-8 to UTF-8 (by iconv) */
#ifndef DATASET_ENCODING_H
#define DATASET_ENCODING_H


#include <stdbool.h>
#include <stddef.h>

/* The bytes of an XML file in UTF-8: its declared encoding is converted. Returns them, or NULL where expat reads them
   as they are; free() the result. A file that is not valid in the encoding that it declares, or in UTF-8 if it declares
   none, is read as Windows-1252, which has a character for nearly every byte: *guessed. *result: -1 and err(ERR_DATA):
   an unknown encoding. */
char *encoding_to_utf8(const char *bytes, size_t size, size_t *to_size, bool *guessed, int *result);

#endif
