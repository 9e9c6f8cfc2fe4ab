/* decompress - the content of a gzip or zstd file, read once from its beginning (the only user of zlib and libzstd)

   Files joined by `cat` are read as one. Checksums are verified where the file has them. */
#ifndef DATASET_DECOMPRESS_H
#define DATASET_DECOMPRESS_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

struct decompress;

enum { DECOMPRESS_HEAD = 4 };	/* first bytes that suffice to recognize a format */

/* The command that unpacks files with these first bytes, "gzip" or "zstd"; NULL: another file. */
const char *decompress_program(const void *head, size_t size);

/* Read from a descriptor whose first `size` bytes (copied), of a format above, were read already. The descriptor stays
   the caller's. `name` (borrowed) is for messages. */
struct decompress *decompress_new(int fd, const char *name, const void *head, size_t size);

/* The next bytes, fewer than `size` only at the end. Their number, or -1 and err(): ERR_DATA with the offset in the
   compressed file: damaged, cut short, other bytes after its end; ERR_INPUT. */
ssize_t decompress_read(struct decompress *d, void *to, size_t size) ERR_CHECK;

void decompress_free(struct decompress *d);

#endif
