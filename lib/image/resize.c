/* resize - Pillow's resampling of 8-bit pictures, to the last bit, on every machine

   out[i] = clip(round(sum of k[i][t] in[first[i] + t])), k in fixed point. Sums are whole numbers, so the
   order of additions and the width of vectors change nothing. Coefficients are made in double precision
   with + - * / alone (C11 without contraction), which every machine rounds alike. */
#include "image/resize.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "image/resize_pass.h"

enum { BITS = RESIZE_PASS_BITS };

static double
bicubic(double x)
{
	const double a = -0.5;

	x = x < 0 ? -x : x;
	if (x < 1)
		return ((a + 2) * x - (a + 3)) * x * x + 1;
	if (x < 2)
		return (((x - 5) * x + 8) * x - 4) * a;
	return 0;
}

static double
bilinear(double x)
{
	x = x < 0 ? -x : x;
	return x < 1 ? 1 - x : 0;
}

static const struct { double (*weight)(double x); double support; } filters[] = {
	[RESIZE_BICUBIC] = { bicubic, 2 },
	[RESIZE_BILINEAR] = { bilinear, 1 }
};

static int32_t
fixed(double w)
{
	return (int32_t)(w * (1 << BITS) + (w < 0 ? -0.5 : 0.5));
}

/* One direction: the box begin .. end of `from` pixels becomes `whole` pixels, of which `to` are wanted from `offset` on. */
static struct resize_pass
plan(struct arena *a, int from, float begin, float end, int whole, int offset, int to, enum resize_filter filter)
{
	double scale = (double)(end - begin) / whole, stretch = scale < 1 ? 1 : scale;
	double support = filters[filter].support * stretch;
	struct resize_pass p = { .count = to, .taps = (int)ceil(support) * 2 + 1 };
	double *weight = arena_get(a, sizeof *weight * (size_t)p.taps);
	int i, t;

	p.first = arena_get(a, sizeof *p.first * (size_t)to);
	p.length = arena_get(a, sizeof *p.length * (size_t)to);
	p.k = arena_get(a, sizeof *p.k * (size_t)to * (size_t)p.taps);
	for (i = 0; i < to; i++) {
		double center = begin + (offset + i + 0.5) * scale, sum = 0;
		int first = (int)(center - support + 0.5), last = (int)(center + support + 0.5);
		int32_t *k = p.k + (size_t)i * (size_t)p.taps;

		first = first < 0 ? 0 : first;
		last = last > from ? from : last;
		for (t = 0; t < last - first; t++)
			sum += weight[t] = filters[filter].weight((t + first - center + 0.5) * (1 / stretch));
		for (t = 0; t < p.taps; t++)
			k[t] = t < last - first ? fixed(sum != 0 ? weight[t] / sum : weight[t]) : 0;
		p.first[i] = first;
		p.length[i] = last - first;
	}
	return p;
}

/* The window of to's size at (left, top) of what the box becomes when it is resized to width x height. */
static void
window(struct arena *a, const struct picture *to, const struct picture *from, const float box[4], int width, int height,
	int left, int top, enum resize_filter filter)
{
	bool wide = box[0] != 0 || box[2] != (float)width || width != from->width;
	bool high = box[1] != 0 || box[3] != (float)height || height != from->height;
	struct arena_mark mark = arena_mark(a);
	struct picture source = *from, narrow = *to;
	struct resize_pass down = { 0 }, across;
	int i, first = top, last = top + to->height;

	if (high) {
		down = plan(a, from->height, box[1], box[3], height, top, to->height, filter);
		/* only the rows that it reads go through the pass along rows */
		first = down.first[0];
		last = down.first[to->height - 1] + down.length[to->height - 1];
		for (i = 0; i < to->height; i++)
			down.first[i] -= first;
	}
	source = picture_part(from, wide ? 0 : left, first, wide ? from->width : to->width, last - first);
	if (wide) {
		across = plan(a, from->width, box[0], box[2], width, left, to->width, filter);
		if (high)
			narrow = picture_new(a, to->width, last - first, from->channels);
		resize_pass_across(a, &across, &narrow, &source);
		source = narrow;
	}
	if (high)
		resize_pass_down(&down, to, &source);
	else if (!wide)
		picture_copy(to, &source);
	arena_release(a, mark);
}

void
resize(struct arena *a, const struct picture *to, const struct picture *from, const float box[4], enum resize_filter filter)
{
	const float whole[4] = { 0, 0, (float)from->width, (float)from->height };

	box = box ? box : whole;
	assert(to->channels == from->channels && to->width > 0 && to->height > 0);
	assert(box[0] >= 0 && box[1] >= 0 && box[2] > box[0] && box[3] > box[1] && box[2] <= whole[2] && box[3] <= whole[3]);
	window(a, to, from, box, to->width, to->height, 0, 0, filter);
}

void
resize_part(struct arena *a, const struct picture *to, const struct picture *from, int width, int height, int left, int top, enum resize_filter filter)
{
	const float whole[4] = { 0, 0, (float)from->width, (float)from->height };

	assert(to->channels == from->channels && left >= 0 && top >= 0 && to->width <= width - left && to->height <= height - top);
	window(a, to, from, whole, width, height, left, top, filter);
}
