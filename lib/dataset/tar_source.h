/* tar_source - the bytes of a tar archive: of a file by offset, of a pipe in order */
#ifndef DATASET_TAR_SOURCE_H
#define DATASET_TAR_SOURCE_H

#include "base/err.h"
#include "dataset/tar.h"

#include <stdint.h>
#include <sys/types.h>

/* Read up to `size` bytes at an offset, from a pipe not before what was read already; fewer at the end. Their number,
   or -1 and err(ERR_INPUT). */
ssize_t tar_source_read(const struct tar *t, int64_t offset, void *to, size_t size) ERR_CHECK;

/* Bytes of a pipe that were read. */
int64_t tar_source_done(const struct tar *t);

#endif
