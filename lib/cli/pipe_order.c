/* pipe_order - the images of an archive from a pipe: in its order, or drawn from a buffer */
#include "cli/pipe_order.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "dataset/tar.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void
pipe_order_begin(struct pipe_order *p, const struct inputs *in, long max_bytes)
{
	p->stream = (struct tar_stream){ .tar = in->pipe, .limit = (size_t)max_bytes, .accept_open = in->count >= 0,
		.notes = { .image_member = in->image_member } };
	p->buffer = mem_array((size_t)p->room + 1, sizeof *p->buffer);
}

/* The next image of the archive. 1; 0: the end or an error, which is kept. */
static int
next_image(struct pipe_order *p, struct tar_image *image)
{
	const int got = p->status ? 0 : tar_stream_next(&p->stream, image);

	if (got >= 0)
		return got;
	p->status = err_status();
	p->text = mem_text(err_text());
	return 0;
}

/* With a buffer, each image is drawn from the next `room` images, as in WebDataset. */
int
pipe_order_next(struct pipe_order *p, struct tar_image *image, long *index)
{
	char number[24];
	struct rng r;
	long k;

	if (p->limit && p->index == p->limit)
		return 0;
	*index = p->index;
	if (p->room == 0) {
		const int got = next_image(p, image);

		p->index += got;
		return got;
	}
	while (p->held < p->room && next_image(p, &p->buffer[p->held]))
		p->held++;
	if (p->held == 0)
		return 0;
	snprintf(number, sizeof number, "%ld", *index);
	r = rng_at((uint64_t)p->seed, 0, "shuffle-buffer", number);
	k = rng_below(&r, p->held);
	*image = p->buffer[k];
	p->buffer[k] = p->buffer[--p->held];
	p->index++;
	return 1;
}

int
pipe_order_end(struct pipe_order *p, struct inputs *in)
{
	const char *name = in->pipe->path;
	int result = p->status ? err(p->status, "%s", p->text) : 0;

	if (result == 0)
		inputs_irregular(in, &p->stream.notes);
	if (result == 0 && p->stream.ended && p->index == 0)
		result = err(ERR_INPUT, "%s: no images found", name);
	if (result == 0 && p->stream.ended && in->count >= 0 && p->index != in->count)
		result = err(ERR_DATA, "%s: %ld images found, but --count requires %ld", name, p->index, in->count);
	while (p->held > 0) {
		free(p->buffer[--p->held].name);
		free(p->buffer[p->held].bytes);
	}
	free(p->buffer);
	free(p->text);
	tar_stream_free(&p->stream);
	tar_close(in->pipe);
	return result;
}
