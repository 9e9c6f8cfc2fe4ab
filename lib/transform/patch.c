/* patch - patchify and unpatchify: the bytes of an image as one row of numbers for each patch, and back

   number = (byte / 255 - mean) / std, from a table of 3 x 256 numbers. */
#include "transform/patch.h"
#include "transform/color.h"

#include <math.h>
#include <stddef.h>

const struct patch_statistics patch_statistics[PATCH_SCALES] = {
	[PATCH_IMAGENET] = { { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 } },
	[PATCH_HALF] = { { 0.5, 0.5, 0.5 }, { 0.5, 0.5, 0.5 } }
};

static const double VARIANCE_FLOOR = 1e-6;	/* MAE's norm_pix_loss */

void
patch_mean(int channels, uint8_t color[3])
{
	const double *mean = patch_statistics[PATCH_IMAGENET].mean;
	const float rgb[3] = { (float)mean[0], (float)mean[1], (float)mean[2] };
	int c;

	for (c = 0; c < 3; c++)
		color[c] = (uint8_t)lround(255 * (channels == 3 ? rgb[c] : color_luma(rgb)));
}

static void
fill_table(enum patch_scale scale, float table[3][256])
{
	int c, i;

	for (c = 0; c < 3; c++)
		for (i = 0; i < 256; i++)
			table[c][i] = (float)((i / 255.0 - patch_statistics[scale].mean[c]) /
				patch_statistics[scale].std[c]);
}

/* Offset of the first byte of patch i. */
static size_t
corner(const struct patch *g, int i)
{
	int columns = g->W / g->p;

	return ((size_t)(i / columns * g->p) * (size_t)g->W + (size_t)(i % columns * g->p)) * 3;
}

int
patch_count(const struct patch *g)
{
	return (g->H / g->p) * (g->W / g->p);
}

void
patch_read(const struct patch *g, const uint8_t *image, const int *index, int count, float *out)
{
	float table[3][256];
	int i, c, y, x;

	fill_table(g->scale, table);
	for (i = 0; i < count; i++)
		for (c = 0; c < 3; c++)
			for (y = 0; y < g->p; y++) {
				const uint8_t *in = image + corner(g, index ? index[i] : i) +
				    (size_t)y * (size_t)g->W * 3 + c;

				for (x = 0; x < g->p; x++)
					*out++ = table[c][in[3 * x]];
			}
}

/* One patch in row, column, channel order. */
static void
read_row(const struct patch *g, float table[3][256], const uint8_t *image, int i, float *out)
{
	int y, x;

	for (y = 0; y < g->p; y++) {
		const uint8_t *in = image + corner(g, i) + (size_t)y * (size_t)g->W * 3;

		for (x = 0; x < 3 * g->p; x++)
			*out++ = table[x % 3][in[x]];
	}
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
	float table[3][256];
	int i, k, width = 3 * g->p * g->p;

	fill_table(g->scale, table);
	for (i = 0; i < count; i++, out += width) {
		double mean, std;

		read_row(g, table, image, index[i], out);
		if (!norm)
			continue;
		moments(out, width, &mean, &std);
		for (k = 0; k < width; k++)
			out[k] = (float)((out[k] - mean) / std);
	}
}

static uint8_t
byte(double x)
{
	/* NaN becomes black */
	return x >= 254.5 ? 255 : x > 0 ? (uint8_t)(x + 0.5) : 0;
}

void
patch_write(const struct patch *g, const float *rows, const int *index, int count, bool norm, uint8_t *image)
{
	const struct patch_statistics *s = &patch_statistics[g->scale];
	float table[3][256];
	int i, y, x, width = 3 * g->p * g->p;

	fill_table(g->scale, table);
	for (i = 0; i < count; i++, rows += width) {
		double mean = 0, std = 1;

		if (norm) {
			float target[width];

			read_row(g, table, image, index[i], target);
			moments(target, width, &mean, &std);
		}
		for (y = 0; y < g->p; y++) {
			uint8_t *out = image + corner(g, index[i]) + (size_t)y * (size_t)g->W * 3;

			for (x = 0; x < 3 * g->p; x++) {
				const double v = rows[y * 3 * g->p + x] * std + mean;

				out[x] = byte(255 * (v * s->std[x % 3] + s->mean[x % 3]));
			}
		}
	}
}
