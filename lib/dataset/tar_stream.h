/* tar_stream - the images of a tar archive in its order, once: for an archive from a pipe

   The members of a sample stand side by side; its image is chosen as in dataset/sample.h. One sample is in memory at a
   time, and the keys of all earlier ones. */
#ifndef DATASET_TAR_STREAM_H
#define DATASET_TAR_STREAM_H

#include "base/err.h"
#include "base/mem.h"
#include "dataset/listing.h"

#include <stdbool.h>
#include <stddef.h>

struct tar_image {
	char *name;		/* of the member */
	size_t key;		/* bytes of the name that are the key */
	void *bytes;		/* NULL: more than the limit */
	size_t size;
};

struct tar_stream {		/* begins as { .tar = ..., .limit = ... } */
	struct tar *tar;
	size_t limit;		/* bytes of a member */
	bool accept_open;	/* accept an archive without end blocks, which may be cut short; else an error */
	struct listing notes;	/* image_member: by the caller; keys of earlier samples as items; what is left out */
	struct lookup *seen;	/* of the items */
	struct tar_stream_member *group;	/* images of the current sample, and the first one of the next */
	size_t count, room;
	struct tar_image *ready;	/* chosen ones, in order */
	size_t ready_count, ready_room, next;
	bool ended;
};

/* The next image; the caller frees its name and bytes. 1; 0: the end; -1 and err(): a damaged or cut archive. */
int tar_stream_next(struct tar_stream *s, struct tar_image *image) ERR_CHECK;

/* The name of an image for messages, archive and member, from the arena. */
const char *tar_stream_name(const struct tar_stream *s, const struct tar_image *image, struct arena *a);

void tar_stream_free(struct tar_stream *s);

#endif
