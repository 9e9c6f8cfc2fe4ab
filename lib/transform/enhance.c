/* enhance - brightness, contrast, saturation, sharpness, hue of an image, in place */
#include "transform/enhance.h"

/* Luma of ITU-R BT.601 in 16-bit fixed point, as image_gray(). */
static int
luma(const uint8_t *rgb)
{
	return (rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 32768) >> 16;
}

/* z + factor (x - z) as a byte. */
static uint8_t
mix(int z, int x, float factor)
{
	const float y = (float)z + factor * (float)(x - z);

	return (uint8_t)(y <= 0 ? 0 : y >= 255 ? 255 : y);
}

/* Mix all bytes with one. */
static void
mix_all(const struct image *p, int z, double factor)
{
	uint8_t table[256];
	int x, y;

	for (x = 0; x < 256; x++)
		table[x] = mix(z, x, (float)factor);
	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width * p->channels; x++)
			row[x] = table[row[x]];
	}
}

void
color_brightness(const struct image *p, double factor)
{
	mix_all(p, 0, factor);
}

void
color_contrast(const struct image *p, double factor)
{
	long sum = 0;
	int x, y;

	for (y = 0; y < p->height; y++) {
		const uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++, row += p->channels)
			sum += p->channels == 3 ? luma(row) : *row;
	}
	mix_all(p, (int)((double)sum / ((double)p->width * p->height) + 0.5), factor);
}

void
color_saturation(const struct image *p, double factor)
{
	int x, y, c;

	for (y = 0; p->channels == 3 && y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++, row += 3) {
			const int z = luma(row);

			for (c = 0; c < 3; c++)
				row[c] = mix(z, row[c], (float)factor);
		}
	}
}

void
filter_sharpness(struct arena *a, const struct image *p, double factor)
{
	enum { WEIGHT = 13 };	/* eight neighbors and five times the middle: Pillow's ImageFilter.SMOOTH */
	struct arena_mark mark = arena_mark(a);
	struct image was = image_new(a, p->width, p->height, p->channels);
	const int step = p->channels;
	int x, y, i, j;

	image_copy(&was, p);
	for (y = 1; y < p->height - 1; y++)
		for (x = step; x < (p->width - 1) * step; x++) {
			const uint8_t *in = image_row(&was, y) + x;
			int sum = 4 * in[0];

			for (i = -1; i <= 1; i++)
				for (j = -1; j <= 1; j++)
					sum += image_row(&was, y + i)[x + j * step];
			image_row(p, y)[x] = mix((2 * sum + WEIGHT) / (2 * WEIGHT), in[0], (float)factor);
		}
	arena_release(a, mark);
}

/* Hue of a color that has one, in sixths of the circle from red, and the color of that hue again: the largest and the
   least channel keep their values. */
static void
turn_pixel(uint8_t rgb[3], float sixths)
{
	const int r = rgb[0], g = rgb[1], b = rgb[2];
	const int most = r > g ? (r > b ? r : b) : g > b ? g : b, least = r < g ? (r < b ? r : b) : g < b ? g : b;
	const float range = (float)(most - least);
	float hue = most == r ? (float)(g - b) / range : most == g ? 2 + (float)(b - r) / range : 4 + (float)(r - g) / range;
	int c;

	for (c = 0; c < 3; c++) {
		/* a channel is a trapezoid over the circle: full within a sixth of its place, gone from two sixths on */
		float away = hue + sixths - 2 * (float)c, share;

		away -= away > 3 ? 6 : 0;
		away += away < -3 ? 6 : 0;
		share = 2 - (away < 0 ? -away : away);
		share = share < 0 ? 0 : share > 1 ? 1 : share;
		rgb[c] = (uint8_t)((float)least + range * share + 0.5f);
	}
}

void
color_hue(const struct image *p, double turn)
{
	int x, y;

	for (y = 0; p->channels == 3 && y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++, row += 3)
			if (row[0] != row[1] || row[1] != row[2])
				turn_pixel(row, (float)(6 * turn));
	}
}
