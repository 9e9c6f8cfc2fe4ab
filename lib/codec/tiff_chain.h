/* tiff_chain - the directories of a TIFF, one for each page, where each one states where the next one is */
#ifndef CODEC_TIFF_CHAIN_H
#define CODEC_TIFF_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TIFF_CHAIN_HEADER = 16 };	/* bytes of the header of a BigTIFF; that of a TIFF has fewer */

/* A number of 1 to 8 bytes. */
uint64_t tiff_chain_number(const unsigned char *p, int bytes, bool big_endian);

/* Where each of the first `pages` directories is; 0 from where the chain leaves the file. free() it. The bytes begin as
   those of a TIFF. */
int64_t *tiff_chain_find(const unsigned char *bytes, size_t size, long pages);

/* The header of the file with the directory at `at` as its first one: libtiff then finds a page without a walk along
   all before it. Returns the bytes of the header; 0: the file has none. */
size_t tiff_chain_header(unsigned char header[TIFF_CHAIN_HEADER], const unsigned char *bytes, size_t size, int64_t at);

#endif
