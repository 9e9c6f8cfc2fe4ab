/* tar - the members of a tar archive by offset: one pass makes the index, then any member can be read at any time

   ustar, pax (path and size), GNU long names and base-256 sizes. The checksum of every header and all sizes are checked
   first: a member that reaches beyond the end of the file is err(ERR_DATA). Archives joined in one file are read one
   after the other, as by `tar -i`. An archive from a pipe is read in order, once. */
#ifndef DATASET_TAR_H
#define DATASET_TAR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decompress;

struct tar {
	int fd;
	char *path;
	struct tar_pipe *pipe;	/* the state of reading from a pipe; NULL: a file */
	int64_t size;		/* of the archive file; of a pipe: INT64_MAX */
	int64_t at;		/* of the next header */
	int64_t last;		/* of the header before it */
	int64_t content_end;	/* of the last member */
	long links;		/* number of hard and symbolic links; they are not followed */
	char *name;		/* of the last member */
	bool ended;		/* by two blocks of zeros; false after the last member: perhaps cut short */
	long joined;		/* number of archives after the first */
	bool after_end;		/* there are other bytes after the end */
};

struct tar_member {
	const char *name;	/* borrowed until the next tar_next() */
	int64_t offset, size;	/* of the content, within the file */
};

/* Open an archive. -1 and err(ERR_INPUT). */
int tar_open(struct tar *t, const char *path) ERR_CHECK;

/* Read an archive from a pipe whose first `size` bytes (copied) were read already, through `packed` (becomes the tar's;
   NULL: it is not compressed). `name` is for messages. */
void tar_open_pipe(struct tar *t, int fd, const char *name, const void *head, size_t size, struct decompress *packed);

/* True if the first bytes (512) of a file are those of an archive: a header with its checksum. */
bool tar_is_archive(const void *head, size_t size);

/* True if they are those of an archive without members: a block of zeros. */
bool tar_is_empty(const void *head, size_t size);

/* The next regular file. 1: filled in; 0: the end (see `ended`); -1: err(ERR_DATA) with path and offset. */
int tar_next(struct tar *t, struct tar_member *m) ERR_CHECK;

/* Read bytes of the archive from any thread; from a pipe: from one thread, in ascending order. 0, or -1 and
   err(ERR_DATA): the file became shorter; err(ERR_INPUT). */
int tar_read(const struct tar *t, int64_t offset, void *to, size_t size) ERR_CHECK;

/* Length of the key in the name of a member, by WebDataset's rule: up to the first dot of the base name. */
size_t tar_key(const char *name);

/* True for the members that a system adds for itself: a part of the name begins with a dot, or is __MACOSX. */
bool tar_is_hidden(const char *name);

void tar_close(struct tar *t);

#endif
