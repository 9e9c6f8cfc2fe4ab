/* patch - patchify and unpatchify: the samples of an image as one row of numbers for each patch, and back

   number = (sample / 255 - mean) / std: of bytes from a table of C x 256 numbers, of 16 bits computed. */
#include "transform/patch.h"
#include "base/err.h"
#include "base/mem.h"
#include "transform/color.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

static const struct { double mean[3], std[3]; } scales[PATCH_SCALES] = {
	[PATCH_IMAGENET] = { { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 } },
	[PATCH_HALF] = { { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 } }
};

static const double VARIANCE_FLOOR = 1e-6;	/* MAE's norm_pix_loss */

void
patch_scale(enum patch_scale scale, struct patch_pixels *p)
{
	int c;

	for (c = 0; c < p->channels; c++) {
		p->mean[c] = scales[scale].mean[c % 3];
		p->std[c] = scales[scale].std[c % 3];
	}
}

int
patch_pixel_bytes(const struct patch_pixels *p)
{
	return p->channels * p->bytes;
}

int
patch_check(const struct patch_pixels *p, long channels, long bytes)
{
	if (channels != p->channels)
		return err(ERR_DATA,
		    "the model takes images of %d channel%s, this one has %ld (use tscae-decode --channels %d)",
		    p->channels, p->channels == 1 ? "" : "s", channels, p->channels);
	if (bytes != p->bytes)
		return err(ERR_DATA,
		    "the model takes samples of %d bits, this image has %ld (use tscae-decode --depth %d)",
		    8 * p->bytes, 8 * bytes, 8 * p->bytes);
	return 0;
}

void
patch_mean(int channels, uint8_t color[3])
{
	const double *mean = scales[PATCH_IMAGENET].mean;
	const float rgb[3] = { (float)mean[0], (float)mean[1], (float)mean[2] };
	int c;

	for (c = 0; c < 3; c++)
		color[c] = (uint8_t)lround(255 * (channels == 3 ? rgb[c] : color_luma(rgb)));
}

/* The numbers of samples. */
struct numbers {
	const struct patch_pixels *pixels;
	float table[PATCH_CHANNELS_MAX][256];	/* of bytes */
};

static float
number(const struct patch_pixels *p, int c, double sample)
{
	return (float)((sample - p->mean[c]) / p->std[c]);
}

static void
open_numbers(const struct patch_pixels *p, struct numbers *n)
{
	int c, i;

	n->pixels = p;
	for (c = 0; c < p->channels && p->bytes == 1; c++)
		for (i = 0; i < 256; i++)
			n->table[c][i] = number(p, c, i / 255.0);
}

/* `count` samples of channel c, `step` samples apart, to numbers `step_out` apart. */
static void
read_samples(const struct numbers *n, int c, const uint8_t *in, int step, int count, float *out, int step_out)
{
	const uint16_t *deep = (const uint16_t *)(const void *)in;
	int i;

	if (n->pixels->bytes == 1)
		for (i = 0; i < count; i++)
			out[i * step_out] = n->table[c][in[i * step]];
	else
		for (i = 0; i < count; i++)
			out[i * step_out] = number(n->pixels, c, deep[i * step] / 65535.0);
}

/* First byte of row y of patch i. */
static size_t
corner(const struct patch *g, int i, int y)
{
	const int columns = g->W / g->p;

	return ((size_t)(i / columns * g->p + y) * (size_t)g->W + (size_t)(i % columns * g->p)) *
	    (size_t)patch_pixel_bytes(g->pixels);
}

int
patch_count(const struct patch *g)
{
	return (g->H / g->p) * (g->W / g->p);
}

void
patch_read(const struct patch *g, const uint8_t *image, const int *index, int count, float *out)
{
	const int C = g->pixels->channels, bytes = g->pixels->bytes;
	struct numbers n;
	int i, c, y;

	open_numbers(g->pixels, &n);
	for (i = 0; i < count; i++)
		for (c = 0; c < C; c++)
			for (y = 0; y < g->p; y++, out += g->p)
				read_samples(&n, c, image + corner(g, index ? index[i] : i, y) + c * bytes, C, g->p,
				    out, 1);
}

/* One patch in row, column, channel order. */
static void
read_row(const struct patch *g, const struct numbers *n, const uint8_t *image, int i, float *out)
{
	const int C = g->pixels->channels, bytes = g->pixels->bytes;
	int y, c;

	for (y = 0; y < g->p; y++, out += C * g->p)
		for (c = 0; c < C; c++)
			read_samples(n, c, image + corner(g, i, y) + c * bytes, C, g->p, out + c, C);
}

static void
moments(const float *x, int count, double *mean, double *std)
{
	double sum = 0, squares = 0;
	int i;

	for (i = 0; i < count; i++)
		sum += x[i];
	*mean = sum / count;
	for (i = 0; i < count; i++)
		squares += (x[i] - *mean) * (x[i] - *mean);
	*std = sqrt(squares / (count - 1) + VARIANCE_FLOOR);
}

void
patch_target(const struct patch *g, const uint8_t *image, const int *index, int count, bool norm, float *out)
{
	const int width = g->pixels->channels * g->p * g->p;
	struct numbers n;
	int i, k;

	open_numbers(g->pixels, &n);
	for (i = 0; i < count; i++, out += width) {
		double mean, std;

		read_row(g, &n, image, index[i], out);
		if (!norm)
			continue;
		moments(out, width, &mean, &std);
		for (k = 0; k < width; k++)
			out[k] = (float)((out[k] - mean) / std);
	}
}

/* x rounded to a sample from 0 to `most`; NaN becomes black */
static unsigned
sample(double x, unsigned most)
{
	return x >= most - 0.5 ? most : x > 0 ? (unsigned)(x + 0.5) : 0;
}

/* One patch of numbers in row, column, channel order, times std plus mean, to samples. */
static void
write_row(const struct patch *g, const float *row, double mean, double std, int i, uint8_t *image)
{
	const struct patch_pixels *p = g->pixels;
	const unsigned most = p->bytes == 1 ? 255 : 65535;
	int y, x, c;

	for (y = 0; y < g->p; y++) {
		uint8_t *out = image + corner(g, i, y);
		uint16_t *deep = (uint16_t *)(void *)out;

		for (x = 0; x < g->p; x++)
			for (c = 0; c < p->channels; c++) {
				const double v = *row++ * std + mean;
				const unsigned to = sample(most * (v * p->std[c] + p->mean[c]), most);

				if (p->bytes == 1)
					*out++ = (uint8_t)to;
				else
					*deep++ = (uint16_t)to;
			}
	}
}

void
patch_write(const struct patch *g, const float *rows, const int *index, int count, bool norm, uint8_t *image)
{
	const int width = g->pixels->channels * g->p * g->p;
	float *target = norm ? mem_array((size_t)width, sizeof *target) : NULL;
	struct numbers n;
	int i;

	open_numbers(g->pixels, &n);
	for (i = 0; i < count; i++, rows += width) {
		double mean = 0, std = 1;

		if (norm) {
			read_row(g, &n, image, index[i], target);
			moments(target, width, &mean, &std);
		}
		write_row(g, rows, mean, std, index[i], image);
	}
	free(target);
}

/* pixel_count - mean and standard deviation of a dataset */

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
		c->values = mem_array(mem_product((size_t)c->channels, (size_t)levels(c)), sizeof *c->values);
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
