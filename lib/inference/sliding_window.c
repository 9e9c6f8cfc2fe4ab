/* sliding_window - semantic segmentation of an image of any size through overlapping windows

   The windows are computed row by row from the top. A strip holds sums of logits, from the first row without labels to
   the end of the current windows. Rows that no later window covers are averaged and labeled. */
#include "inference/sliding_window.h"
#include "base/mem.h"
#include "model/config.h"
#include "nn/bilinear.h"
#include "nn/tape.h"
#include "stream/tensor.h"
#include "transform/geometry.h"
#include "transform/resize.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct strip {
	const struct sliding_window *s;
	int C;
	int top;			/* first row of `sum`, in the resized image */
	float *sum;			/* (crop + 1, width, C) */
	float *by_column;		/* (width) 1 / number of windows that cover a column */
	struct bilinear *column_points;	/* (crop) sampling points of a window's columns in its logits */
};

/* Number of windows along a dimension of the image, and the start of the i-th. */
static int
window_count(int length, const struct sliding_window *s)
{
	return length <= s->crop ? 1 : (length - s->crop + s->stride - 1) / s->stride + 1;
}

static int
window_start(int i, int length, const struct sliding_window *s)
{
	const int last = length <= s->crop ? 0 : length - s->crop;

	return i * s->stride < last ? i * s->stride : last;
}

/* Number of windows that cover row or column `at`. */
static float
cover(int at, int length, const struct sliding_window *s)
{
	int i, n = 0;

	for (i = 0; i < window_count(length, s); i++) {
		const int from = window_start(i, length, s);

		n += at >= from && at < from + s->crop;
	}
	return (float)n;
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Add the logits of the window at (left, top) to the strip. */
static int
add_window(const struct segment *self, struct predict_context *d, const struct params *p, const struct image *from,
	struct strip *strip,
	int left, int top)
{
	const struct sliding_window *s = strip->s;
	const int w = least(s->crop, s->width - left), h = least(s->crop, s->height - top), C = strip->C;
	const struct geometry geometry = { { 0, 0, from->width, from->height }, s->width, s->height, left, top,
	    { 0, 0, w, h }, false };
	const struct tensor shape = { .type = from->bytes == 2 ? TENSOR_U16 : TENSOR_U8, .rank = 3,
	    .shape = { s->crop, s->crop, from->channels } };
	struct tape *t = &d->tape;
	struct image window;
	struct var *x;
	float *work;
	int r;

	if (predict_context_open(d, &shape, &self->encoder, p) < 0)
		return -1;
	window = image_new_deep(&t->arena, s->crop, s->crop, from->channels, from->bytes);
	geometry_image(&geometry, &t->arena, &window, from, RESIZE_BICUBIC);
	x = segment_logits(self, t, &d->position, window.pixels, 1, s->crop, s->crop, NULL);
	if (var_check_finite("the logits", var_count(x), x->x) < 0)
		return -1;
	bilinear_table(strip->column_points, x->shape[2], s->crop);
	work = tape_array(t, mem_product((size_t)x->shape[2], (size_t)C), sizeof *work);
	for (r = 0; r < h; r++)
		bilinear_row(bilinear_point(r, x->shape[1], s->crop), strip->column_points, w, x->x, x->shape[2], C,
		    work, true,
		    strip->sum + ((long)(top + r - strip->top) * s->width + left) * C);
	return 0;
}

/* Turn the sums of row `at` into means. */
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

/* labels[i] = argmax of row i of x (n, C) */
static void
argmax(int n, int C, const float *x, uint8_t *labels)
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

/* Label rows of the result from `row` on, as far as the rows before `ready` suffice. Returns the next row. */
static int
label_rows(const struct strip *strip, struct arena *a, const struct bilinear *columns, int row, int ready,
	const struct image *from,
	uint8_t *labels)
{
	const struct sliding_window *s = strip->s;
	const struct arena_mark m = arena_mark(a);
	float *work = arena_array(a, mem_product((size_t)s->width, (size_t)strip->C), sizeof *work);
	float *x = arena_array(a, mem_product((size_t)from->width, (size_t)strip->C), sizeof *x);

	for (; row < from->height; row++) {
		struct bilinear point = bilinear_point(row, s->height, from->height);

		if (point.high >= ready)
			break;
		point.low -= strip->top;
		point.high -= strip->top;
		bilinear_row(point, columns, from->width, strip->sum, s->width, strip->C, work, false, x);
		argmax(from->width, strip->C, x, labels + (long)row * from->width);
	}
	arena_release(a, m);
	return row;
}

/* Drop the rows before `top`; new rows are 0. */
static void
advance(struct strip *strip, int top)
{
	const struct sliding_window *s = strip->s;
	const size_t row = (size_t)s->width * (size_t)strip->C, gone = (size_t)(top - strip->top),
	    rows = (size_t)s->crop + 1;

	memmove(strip->sum, strip->sum + gone * row, sizeof *strip->sum * (rows - gone) * row);
	memset(strip->sum + (rows - gone) * row, 0, sizeof *strip->sum * gone * row);
	strip->top = top;
}

/* Add all windows of one row. */
static int
add_row(const struct segment *self, struct predict_context *d, const struct params *p, const struct image *from,
	struct strip *strip, int top)
{
	const int columns = window_count(strip->s->width, strip->s);
	int i;

	for (i = 0; i < columns; i++)
		if (add_window(self, d, p, from, strip, window_start(i, strip->s->width, strip->s), top) < 0)
			return -1;
	return 0;
}

static struct strip
open_strip(const struct sliding_window *s, struct arena *a, int C)
{
	const size_t floats = mem_product(mem_product((size_t)(s->crop + 1), (size_t)s->width), (size_t)C);
	struct strip strip = {
		s, C, 0, arena_array(a, floats, sizeof(float)), arena_array(a, (size_t)s->width, sizeof(float)),
		arena_array(a, (size_t)s->crop, sizeof(struct bilinear))
	};
	int i;

	memset(strip.sum, 0, sizeof *strip.sum * floats);
	for (i = 0; i < s->width; i++)
		strip.by_column[i] = 1 / cover(i, s->width, s);
	return strip;
}

int
sliding_window_segment(const struct segment *self, struct predict_context *d, const struct params *p,
	const struct image *from,
	const struct sliding_window *s, uint8_t *labels)
{
	struct arena arena = { 0 };
	struct strip strip = open_strip(s, &arena, (int)self->config.classes);
	struct bilinear *columns = arena_array(&arena, (size_t)from->width, sizeof *columns);
	const int rows = window_count(s->height, s);
	int j, at, row = 0, done = 0, result = 0;

	bilinear_table(columns, s->width, from->width);
	for (j = 0; j < rows && result == 0; j++) {
		const int ready = j + 1 < rows ? window_start(j + 1, s->height, s) : s->height;

		result = add_row(self, d, p, from, &strip, window_start(j, s->height, s));
		for (; done < ready; done++)
			average(&strip, done);
		row = label_rows(&strip, &arena, columns, row, ready, from, labels);
		at = row < from->height ? bilinear_point(row, s->height, from->height).low : ready;
		advance(&strip, least(at, ready));
	}
	arena_free(&arena);
	return result;
}
