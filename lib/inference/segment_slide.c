/* segment_slide - the class of each pixel of an image of any size, through windows that overlap (segment.h)

   Windows are worked through in rows, from above. A strip holds the sums of logits from the last row whose label was not
   told yet to the end of the windows; what no later window touches is averaged and told. */
#include "task/segment.h"
#include "transform/geometry.h"
#include "nn/bilinear.h"

#include <string.h>

struct strip {
	const struct sliding_window *s;
	int C;
	int top;			/* row of the image (as resized) that comes first in `sum` */
	float *sum;			/* (crop + 1, width, C) */
	float *by_column;		/* (width) 1 / how many windows cover a column */
	struct bilinear *place;		/* (crop) of a window's columns over its logits' */
};

/* How many windows there are along a side, and where the i-th begins. */
static int
count(int length, const struct sliding_window *s)
{
	return length <= s->crop ? 1 : (length - s->crop + s->stride - 1) / s->stride + 1;
}

static int
begins(int i, int length, const struct sliding_window *s)
{
	const int last = length <= s->crop ? 0 : length - s->crop;

	return i * s->stride < last ? i * s->stride : last;
}

/* Over how many windows lies a place? */
static float
cover(int at, int length, const struct sliding_window *s)
{
	int i, n = 0;

	for (i = 0; i < count(length, s); i++) {
		const int from = begins(i, length, s);

		n += at >= from && at < from + s->crop;
	}
	return (float)n;
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Add what the window at (left, top) says. */
static int
look(const struct segment *self, struct predict_context *d, const struct params *p, const struct image *from, struct strip *strip, int left, int top)
{
	const struct sliding_window *s = strip->s;
	const int w = least(s->crop, s->width - left), h = least(s->crop, s->height - top), C = strip->C;
	const struct geometry geometry = { { 0, 0, from->width, from->height }, s->width, s->height, left, top, { 0, 0, w, h }, false };
	const struct tensor shape = { .type = TENSOR_U8, .rank = 3, .shape = { s->crop, s->crop, 3 } };
	struct tape *t = &d->tape;
	struct image window;
	struct var *x;
	float *work;
	int r;

	if (predict_context_open(d, &shape, &self->encoder, p) < 0)
		return -1;
	window = image_new(&t->arena, s->crop, s->crop, 3);
	geometry_image(&geometry, &t->arena, &window, from, RESIZE_BICUBIC);
	x = segment_logits(self, t, &d->position, window.pixels, 1, s->crop, s->crop, NULL);
	bilinear_table(strip->place, x->shape[2], s->crop);
	work = tape_keep(t, sizeof *work * (size_t)x->shape[2] * (size_t)C);
	for (r = 0; r < h; r++)
		bilinear_row(bilinear_point(r, x->shape[1], s->crop), strip->place, w, x->x, x->shape[2], C, work, true, strip->sum + ((long)(top + r - strip->top) * s->width + left) * C);
	return 0;
}

/* Sums of row `at` become means. */
static void
average(struct strip *strip, int at)
{
	const struct sliding_window *s = strip->s;
	const float by_row = 1 / cover(at, s->height, s);
	float *x = strip->sum + (long)(at - strip->top) * s->width * strip->C;
	int i, c;

	for (i = 0; i < s->width; i++)
		for (c = 0; c < strip->C; c++)
			*x++ *= by_row * strip->by_column[i];
}

/* The greatest of each of n rows of C. */
static void
tell(int n, int C, const float *x, uint8_t *labels)
{
	int i, c;

	for (i = 0; i < n; i++, x += C) {
		int top = 0;

		for (c = 1; c < C; c++)
			if (x[c] > x[top])
				top = c;
		labels[i] = (uint8_t)top;
	}
}

/* Rows of the result from `row` on, as far as rows of the image before `ready` tell them; the next row. */
static int
give(const struct strip *strip, struct arena *a, const struct bilinear *columns, int row, int ready, const struct image *from, uint8_t *labels)
{
	const struct sliding_window *s = strip->s;
	const struct arena_mark m = arena_mark(a);
	float *work = arena_get(a, sizeof *work * (size_t)s->width * (size_t)strip->C), *x = arena_get(a, sizeof *x * (size_t)from->width * (size_t)strip->C);

	for (; row < from->height; row++) {
		struct bilinear place = bilinear_point(row, s->height, from->height);

		if (place.high >= ready)
			break;
		place.low -= strip->top;
		place.high -= strip->top;
		bilinear_row(place, columns, from->width, strip->sum, s->width, strip->C, work, false, x);
		tell(from->width, strip->C, x, labels + (long)row * from->width);
	}
	arena_release(a, m);
	return row;
}

/* Rows before `top` go; new ones are 0. */
static void
advance(struct strip *strip, int top)
{
	const struct sliding_window *s = strip->s;
	const size_t row = (size_t)s->width * (size_t)strip->C, gone = (size_t)(top - strip->top), rows = (size_t)s->crop + 1;

	memmove(strip->sum, strip->sum + gone * row, sizeof *strip->sum * (rows - gone) * row);
	memset(strip->sum + (rows - gone) * row, 0, sizeof *strip->sum * gone * row);
	strip->top = top;
}

/* All windows of one row. */
static int
look_along(const struct segment *self, struct predict_context *d, const struct params *p, const struct image *from, struct strip *strip, int top)
{
	const int columns = count(strip->s->width, strip->s);
	int i;

	for (i = 0; i < columns; i++)
		if (look(self, d, p, from, strip, begins(i, strip->s->width, strip->s), top) < 0)
			return -1;
	return 0;
}

static struct strip
open_strip(const struct sliding_window *s, struct arena *a, int C)
{
	const size_t floats = (size_t)(s->crop + 1) * (size_t)s->width * (size_t)C;
	struct strip strip = { s, C, 0, arena_get(a, sizeof(float) * floats), arena_get(a, sizeof(float) * (size_t)s->width), arena_get(a, sizeof(struct bilinear) * (size_t)s->crop) };
	int i;

	memset(strip.sum, 0, sizeof *strip.sum * floats);
	for (i = 0; i < s->width; i++)
		strip.by_column[i] = 1 / cover(i, s->width, s);
	return strip;
}

int
sliding_window_segment(const struct segment *self, struct predict_context *d, const struct params *p, const struct image *from, const struct sliding_window *s, uint8_t *labels)
{
	struct arena arena = { 0 };
	struct strip strip = open_strip(s, &arena, (int)self->config.classes);
	struct bilinear *columns = arena_get(&arena, sizeof *columns * (size_t)from->width);
	const int rows = count(s->height, s);
	int j, at, row = 0, done = 0, result = 0;

	bilinear_table(columns, s->width, from->width);
	for (j = 0; j < rows && result == 0; j++) {
		const int ready = j + 1 < rows ? begins(j + 1, s->height, s) : s->height;

		result = look_along(self, d, p, from, &strip, begins(j, s->height, s));
		for (; done < ready; done++)
			average(&strip, done);
		row = give(&strip, &arena, columns, row, ready, from, labels);
		at = row < from->height ? bilinear_point(row, s->height, from->height).low : ready;
		advance(&strip, least(at, ready));
	}
	arena_free(&arena);
	return result;
}
