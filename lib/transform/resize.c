/* resize - Pillow's resampling of 8-bit images, to the last bit, on every machine; the same for 16 bits; Gaussian blur

   out[i] = clip(round(sum of k[i][t] in[first[i] + t])), k in fixed point. Sums are integers, so the order of
   additions and the width of vectors change nothing. Coefficients are computed in double precision with
   + - * / only (C11 without contraction), which every machine rounds in the same way. */
#include "transform/resize.h"
#include "transform/resize_pass.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	BITS = RESIZE_PASS_BITS,
	GROUP = 4	/* coefficients that are divided together: the compiler makes one vector division of them */
};

static inline double
bicubic(double x)
{
	const double a = -0.5;
	const double near = ((a + 2) * x - (a + 3)) * x * x + 1, far = (((x - 5) * x + 8) * x - 4) * a;

	return x < 1 ? near : x < 2 ? far : 0;
}

static inline double
bilinear(double x)
{
	return x < 1 ? 1 - x : 0;
}

static const double support[] = { [RESIZE_BICUBIC] = 2, [RESIZE_BILINEAR] = 1 };

static inline int32_t
fixed(double w)
{
	return (int32_t)(w * (1 << BITS) + (w < 0 ? -0.5 : 0.5));
}

/* The weights of `count` inputs from `first` on, zero up to a multiple of GROUP. Returns their sum. `kernel`, a
   constant, maps a distance to a weight. */
static inline __attribute__((always_inline)) double
compute_weights(double *weight, int count, int first, double center, double shrink, double (*kernel)(double x))
{
	double sum = 0;
	int t;

	for (t = 0; t < count; t++)
		sum += weight[t] = kernel(fabs((t + first - center + 0.5) * shrink));
	for (; t % GROUP; t++)
		weight[t] = 0;
	return sum;
}

/* The weights in fixed point, divided by their sum; zero up to `taps`. */
static void
normalize(int32_t *k, int taps, const double *weight, int count, double sum)
{
	int t, i;

	for (t = 0; t < count; t += GROUP)
		for (i = t; i < t + GROUP; i++)
			k[i] = fixed(weight[i] / sum);
	for (; t < taps; t++)
		k[t] = 0;
}

/* One direction: the interval begin .. end of `from` pixels becomes `whole` pixels; compute `to` of them from `offset`
   on, with flip in reverse order. */
static struct resize_pass
plan(struct arena *a, int from, float begin, float end, int whole, int offset, int to, bool flip,
	enum resize_filter filter)
{
	const double scale = (double)(end - begin) / whole, stretch = scale < 1 ? 1 : scale,
		reach = support[filter] * stretch;
	struct resize_pass p = { .count = to, .taps = ((int)ceil(reach) * 2 + 1 + GROUP - 1) / GROUP * GROUP };
	double *weight = arena_array(a, (size_t)p.taps, sizeof *weight);
	int i;

	p.first = arena_array(a, (size_t)to, sizeof *p.first);
	p.length = arena_array(a, (size_t)to, sizeof *p.length);
	p.k = arena_array(a, mem_product((size_t)to, (size_t)p.taps), sizeof *p.k);
	for (i = 0; i < to; i++) {
		const int at = flip ? to - 1 - i : i;
		const double center = begin + (offset + i + 0.5) * scale;
		double sum;
		int first = (int)(center - reach + 0.5), last = (int)(center + reach + 0.5);

		first = first < 0 ? 0 : first;
		last = last > from ? from : last;
		if (filter == RESIZE_BICUBIC)
			sum = compute_weights(weight, last - first, first, center, 1 / stretch, bicubic);
		else
			sum = compute_weights(weight, last - first, first, center, 1 / stretch, bilinear);
		normalize(p.k + (size_t)at * (size_t)p.taps, p.taps, weight, last - first, sum != 0 ? sum : 1);
		p.first[at] = first;
		p.length[at] = last - first;
	}
	return p;
}

/* Resize the box to width x height and crop the window of to's size at (left, top), flipped horizontally or not. */
static void
window(struct arena *a, const struct image *to, const struct image *from, const float box[4], int width, int height,
	int left, int top, bool flip, enum resize_filter filter)
{
	bool wide = box[0] != 0 || box[2] != (float)width || width != from->width;
	bool high = box[1] != 0 || box[3] != (float)height || height != from->height;
	struct arena_mark mark = arena_mark(a);
	struct image source = *from, narrow = *to;
	struct resize_pass down = { 0 }, across;
	int i, first = top, last = top + to->height;

	if (high) {
		down = plan(a, from->height, box[1], box[3], height, top, to->height, false, filter);
		/* the pass along rows computes only the rows that this one reads */
		first = down.first[0];
		last = down.first[to->height - 1] + down.length[to->height - 1];
		for (i = 0; i < to->height; i++)
			down.first[i] -= first;
	}
	source = image_part(from, wide ? 0 : left, first, wide ? from->width : to->width, last - first);
	if (wide) {
		across = plan(a, from->width, box[0], box[2], width, left, to->width, flip, filter);
		if (high)
			narrow = image_new_deep(a, to->width, last - first, from->channels, from->bytes);
		resize_pass_across(a, &across, &narrow, &source);
		source = narrow;
	}
	if (high)
		resize_pass_down(&down, to, &source);
	else if (!wide)
		image_copy(to, &source);
	if (flip && !wide)
		image_flip(to);
	arena_release(a, mark);
}

void
resize(struct arena *a, const struct image *to, const struct image *from, const float box[4], enum resize_filter filter)
{
	const float whole[4] = { 0, 0, (float)from->width, (float)from->height };

	box = box ? box : whole;
	assert(to->channels == from->channels && to->bytes == from->bytes && to->width > 0 && to->height > 0);
	assert(box[0] >= 0 && box[1] >= 0 && box[2] > box[0] && box[3] > box[1] && box[2] <= whole[2] &&
		box[3] <= whole[3]);
	window(a, to, from, box, to->width, to->height, 0, 0, false, filter);
}

void
resize_part(struct arena *a, const struct image *to, const struct image *from, int width, int height,
	int left, int top, bool flip, enum resize_filter filter)
{
	const float whole[4] = { 0, 0, (float)from->width, (float)from->height };

	assert(to->channels == from->channels && to->bytes == from->bytes && left >= 0 && top >= 0 &&
	    to->width <= width - left &&
		to->height <= height - top);
	window(a, to, from, whole, width, height, left, top, flip, filter);
}

/* blur - a Gaussian filter along rows, then along columns */

/* One direction of a symmetric filter: weight[t] of the pixels at distance t, 0 .. radius, divided by the sum of those
   within the image. */
static struct resize_pass
plan_blur(struct arena *a, int size, int radius, const double *weight)
{
	struct resize_pass p = { .count = size, .taps = 2 * radius < size ? 2 * radius + 1 : size };
	int i, t;

	p.first = arena_array(a, (size_t)size, sizeof *p.first);
	p.length = arena_array(a, (size_t)size, sizeof *p.length);
	p.k = arena_array(a, mem_product((size_t)size, (size_t)p.taps), sizeof *p.k);
	for (i = 0; i < size; i++) {
		const int first = i < radius ? 0 : i - radius, last = i + radius < size ? i + radius : size - 1;
		int32_t *k = p.k + (size_t)i * (size_t)p.taps;
		double sum = 0;

		for (t = first; t <= last; t++)
			sum += weight[t < i ? i - t : t - i];
		memset(k, 0, sizeof *k * (size_t)p.taps);
		for (t = first; t <= last; t++)
			k[t - first] = (int32_t)(weight[t < i ? i - t : t - i] / sum * (1 << RESIZE_PASS_BITS) + 0.5);
		p.first[i] = first;
		p.length[i] = last - first + 1;
	}
	return p;
}

void
resize_blur(struct arena *a, const struct image *p, double sigma)
{
	struct arena_mark mark = arena_mark(a);
	const int longer = p->width > p->height ? p->width : p->height;
	/* no pixel is farther away than the longer side */
	const int radius = 4 * sigma < longer ? (int)(4 * sigma + 0.5) : longer;
	struct resize_pass across, down;
	struct image between;
	double *weight;
	int t;

	assert(sigma >= 0);
	if (radius > 0) {
		weight = arena_array(a, (size_t)radius + 1, sizeof *weight);
		for (t = 0; t <= radius; t++)
			weight[t] = exp(-t * (double)t / (2 * sigma * sigma));
		across = plan_blur(a, p->width, radius, weight);
		down = plan_blur(a, p->height, radius, weight);
		between = image_new(a, p->width, p->height, p->channels);
		resize_pass_across(a, &across, &between, p);
		resize_pass_down(&down, p, &between);
	}
	arena_release(a, mark);
}
