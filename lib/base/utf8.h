/* utf8 - validity of UTF-8, and file names (arbitrary bytes) escaped to UTF-8

   RFC 3629, section 4: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/mem.h"

#include <stddef.h>

/* Which bytes may follow a first byte. */
struct utf8_form {
	unsigned char first, last;	/* the range of the first byte */
	unsigned char low, high;	/* the range of the second; further ones are 80 to BF */
	size_t length;			/* bytes in all, 1 to 4 */
};

/* The form of sequences that begin with this byte; NULL: none does. */
const struct utf8_form *utf8_form(unsigned char first);

/* Length of the valid sequence at the beginning of `size` bytes, 0 if it is invalid. */
size_t utf8_length(const void *text, size_t size);

/* Bytes of a byte order mark (U+FEFF) at the beginning of a text: 3, or 0. */
size_t utf8_mark(const void *text, size_t size);

/* A copy with \xHH for each byte outside of valid UTF-8 and \\ for each backslash; utf8_unescape() inverts it. Valid
   names without a backslash stay unchanged. */
char *utf8_escape(struct arena *a, const char *name, size_t size);

/* The argument of utf8_escape() again. */
char *utf8_unescape(struct arena *a, const char *text);

#endif
