/* pipe_order - the images of an archive from a pipe: in its order, or drawn from a buffer */
#ifndef CLI_PIPE_ORDER_H
#define CLI_PIPE_ORDER_H

#include "base/err.h"
#include "cli/inputs.h"
#include "dataset/tar_stream.h"

struct pipe_order {		/* begins as { .room = ..., .limit = ..., .seed = ... } */
	long room;		/* of the buffer; 0: no buffer */
	long limit;		/* images to take; 0: all */
	long seed;
	struct tar_stream stream;
	struct tar_image *buffer;	/* (room) */
	long held;		/* images in the buffer */
	long index;		/* of the next image */
	int status;		/* of an error, reported after the images before it; 0: none */
	char *text;
};

/* Prepare for the archive in->pipe, whose members have at most max_bytes bytes. */
void pipe_order_begin(struct pipe_order *p, const struct inputs *in, long max_bytes);

/* Take the next image and its index. 1; 0: the end, or an error, which pipe_order_end() reports. */
int pipe_order_next(struct pipe_order *p, struct tar_image *image, long *index);

/* At the end: add what was left out to the results of inputs(), and close the archive. -1 and err(): a damaged or cut
   archive, no image at all, another number than in->count. */
int pipe_order_end(struct pipe_order *p, struct inputs *in) ERR_CHECK;

#endif
