/* tar_extra - what extended headers say about the next member of a tar archive */
#ifndef DATASET_TAR_EXTRA_H
#define DATASET_TAR_EXTRA_H

#include <stddef.h>
#include <stdint.h>

struct tar_extra {
	char *name;	/* owned; NULL: not said */
	int64_t size;	/* -1: not said */
};

/* Take in pax records; `text` has one zero byte behind its `size` bytes and is changed. NULL, or what is wrong. */
const char *tar_extra_pax(struct tar_extra *x, char *text, size_t size);

#endif
