/* decode_images - images of files, archives or a pipe to records, on several threads, in order */
#ifndef CLI_DECODE_IMAGES_H
#define CLI_DECODE_IMAGES_H

#include "annotation/crop.h"
#include "base/err.h"
#include "cli/page_files.h"
#include "cli/pipe_order.h"
#include "cli/progress.h"
#include "dataset/epoch_order.h"
#include "dataset/listing.h"

#include <stdbool.h>

struct arena;
struct pool;
struct writer;

struct decode_images {
	/* set by the caller */
	const struct attach_image *attach;	/* how to decode */
	struct listing listing;		/* the images */
	struct epoch_order sequence;	/* begun: the order in which they are read */
	bool several_epochs;		/* records have their epoch */
	bool from_pipe;			/* the images come from `pipe` instead */
	struct pipe_order pipe;		/* begun */
	bool cropped;			/* crop and resize each image by `crop` */
	struct crop crop;
	struct progress progress;	/* begun; counts what is written, skipped, repaired and partial */
	struct writer *writer;

	/* private, during decode_images_run() */
	struct decode_images_slot *slots;
	struct arena *arenas;		/* one for each thread: decoded images and scratch memory */
	struct page_files pages;	/* that are being decoded */
};

/* Decode all images into records of the writer. Damaged ones are warned about and skipped, or kept, according to
   attach->on_error. -1 and err(): the writer failed, or an image with ATTACH_IMAGE_FAIL. */
int decode_images_run(struct decode_images *job, struct pool *pool) ERR_CHECK;

#endif
