/* tar - the members of a tar archive by place: read once for the index, then any member at any time

   ustar, pax (path and size), GNU long names and base-256 sizes. Every header's checksum and every bound is
   checked before it is believed: a member that the file does not hold is err(ERR_DATA). */
#ifndef DATASET_TAR_H
#define DATASET_TAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tar {
	int fd;
	char *path;
	int64_t size;		/* of the archive file */
	int64_t at;		/* of the next header */
	long links;		/* hard and symbolic links met: they are not followed */
	char *name;		/* of the last member */
	bool ended;		/* the two blocks of zeros were met; false after the last member: cut, or an odd writer */
};

struct tar_member {
	const char *name;	/* borrowed until the next tar_next() */
	int64_t offset, size;	/* of the content, within the file */
};

/* Open an archive. -1 and err(ERR_INPUT). */
int tar_open(struct tar *t, const char *path);

/* The next regular file. 1: there is one; 0: the end (see `ended`); -1: err(ERR_DATA) with path and offset. */
int tar_next(struct tar *t, struct tar_member *m);

/* Read bytes of the archive from any thread. 0, or -1 and err(ERR_DATA): it became shorter; err(ERR_INPUT). */
int tar_read(const struct tar *t, int64_t offset, void *to, size_t size);

/* Length of the key in a member's name, by WebDataset's rule: up to the first dot of the base name. */
size_t tar_key(const char *name);

void tar_close(struct tar *t);

#endif
