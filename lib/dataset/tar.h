/* tar - the members of a tar archive by offset: one pass makes the index, then any member can be read at any time

   ustar, pax (path and size), GNU long names and base-256 sizes. The checksum of every header and all sizes are checked
   first: a member that reaches beyond the end of the file is err(ERR_DATA). */
#ifndef DATASET_TAR_H
#define DATASET_TAR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tar {
	int fd;
	char *path;
	int64_t size;		/* of the archive file */
	int64_t at;		/* of the next header */
	long links;		/* number of hard and symbolic links; they are not followed */
	char *name;		/* of the last member */
	bool ended;		/* by two blocks of zeros; false after the last member: perhaps cut short */
};

struct tar_member {
	const char *name;	/* borrowed until the next tar_next() */
	int64_t offset, size;	/* of the content, within the file */
};

/* Open an archive. -1 and err(ERR_INPUT). */
int tar_open(struct tar *t, const char *path) ERR_CHECK;

/* The next regular file. 1: filled in; 0: the end (see `ended`); -1: err(ERR_DATA) with path and offset. */
int tar_next(struct tar *t, struct tar_member *m) ERR_CHECK;

/* Read bytes of the archive from any thread. 0, or -1 and err(ERR_DATA): the file became shorter; err(ERR_INPUT). */
int tar_read(const struct tar *t, int64_t offset, void *to, size_t size) ERR_CHECK;

/* Length of the key in the name of a member, by WebDataset's rule: up to the first dot of the base name. */
size_t tar_key(const char *name);

void tar_close(struct tar *t);

#endif
