/* filter - Gaussian blur and sharpness of an image, in place */
#include "transform/filter.h"
#include "transform/color.h"
#include "transform/resize_pass.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* Coefficients in fixed point, as for resizing: sums are integers, the same on every processor. */
static struct resize_pass
plan(struct arena *a, int size, int radius, const double *weight)
{
	struct resize_pass p = { .count = size, .taps = 2 * radius < size ? 2 * radius + 1 : size };
	int i, t;

	p.first = arena_get(a, sizeof *p.first * (size_t)size);
	p.length = arena_get(a, sizeof *p.length * (size_t)size);
	p.k = arena_get(a, mem_product(mem_product((size_t)size, (size_t)p.taps), sizeof *p.k));
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
filter_blur(struct arena *a, const struct image *p, double sigma)
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
		weight = arena_get(a, sizeof *weight * ((size_t)radius + 1));
		for (t = 0; t <= radius; t++)
			weight[t] = exp(-t * (double)t / (2 * sigma * sigma));
		across = plan(a, p->width, radius, weight);
		down = plan(a, p->height, radius, weight);
		between = image_new(a, p->width, p->height, p->channels);
		resize_pass_across(a, &across, &between, p);
		resize_pass_down(&down, p, &between);
	}
	arena_release(a, mark);
}

void
filter_sharpness(struct arena *a, const struct image *p, double factor)
{
	enum { WEIGHT = 13 };	/* eight neighbors and five times the center: Pillow's ImageFilter.SMOOTH */
	struct arena_mark mark = arena_mark(a);
	struct image source = image_new(a, p->width, p->height, p->channels);
	const int step = p->channels;
	int x, y, i, j;

	image_copy(&source, p);
	for (y = 1; y < p->height - 1; y++)
		for (x = step; x < (p->width - 1) * step; x++) {
			const uint8_t *in = image_row(&source, y) + x;
			int sum = 4 * in[0];

			for (i = -1; i <= 1; i++)
				for (j = -1; j <= 1; j++)
					sum += image_row(&source, y + i)[x + j * step];
			image_row(p, y)[x] = color_blend((2 * sum + WEIGHT) / (2 * WEIGHT), in[0], (float)factor);
		}
	arena_release(a, mark);
}
