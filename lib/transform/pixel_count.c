/* pixel_count - mean and standard deviation of the channels of many images, from counts of their values */
#include "transform/pixel_count.h"
#include "base/mem.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* number of values of a sample */
static int
levels(const struct pixel_count *c)
{
	return c->bytes == 1 ? 256 : 65536;
}

int
pixel_count_add(struct pixel_count *c, const struct image *p)
{
	int x, y, k;

	if (!c->values) {
		c->channels = p->channels;
		c->bytes = p->bytes;
		c->values = mem_array((size_t)c->channels * (size_t)levels(c), sizeof *c->values);
	}
	if (p->channels != c->channels || p->bytes != c->bytes)
		return err(ERR_DATA, "an image of %d channels and %d bits, the images before have %d and %d",
		    p->channels, 8 * p->bytes, c->channels, 8 * c->bytes);
	for (y = 0; y < p->height; y++) {
		const uint8_t *in = image_row(p, y);
		const uint16_t *deep = (const uint16_t *)(const void *)in;

		for (x = 0; x < p->width; x++)
			for (k = 0; k < p->channels; k++)
				c->values[(size_t)k * (size_t)levels(c) + (p->bytes == 1 ? *in++ : *deep++)]++;
	}
	c->pixels += (uint64_t)p->width * (uint64_t)p->height;
	return 0;
}

struct patch_pixels
pixel_count_statistics(const struct pixel_count *c)
{
	struct patch_pixels s = { .channels = c->channels, .bytes = c->bytes };
	const int n = levels(c);
	int k, v;

	for (k = 0; k < c->channels; k++) {
		const uint64_t *values = c->values + (size_t)k * (size_t)n;
		uint64_t sum = 0;	/* exact up to 2^48 pixels */
		double mean, squares = 0;

		for (v = 0; v < n; v++)
			sum += (uint64_t)v * values[v];
		mean = (double)sum / (double)c->pixels;
		for (v = 0; v < n; v++)
			squares += (v - mean) * (v - mean) * (double)values[v];
		s.mean[k] = mean / (n - 1);
		s.std[k] = sqrt(squares / (double)c->pixels) / (n - 1);
	}
	return s;
}

void
pixel_count_free(struct pixel_count *c)
{
	free(c->values);
	*c = (struct pixel_count){ 0 };
}
