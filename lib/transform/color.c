/* color - operations on the colors of an image, in place, and color tables */
#include "transform/color.h"
#include "base/mem.h"
#include "codec/image.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Luma of ITU-R BT.601 in 16-bit fixed point, as image_gray(). */
static int
luma(const uint8_t *rgb)
{
	return (rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 32768) >> 16;
}

/* Replace the bytes of one channel. */
static void
look_up_channel(const struct image *p, int channel, const uint8_t table[256])
{
	int x, y;

	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y) + channel;

		for (x = 0; x < p->width; x++, row += p->channels)
			*row = table[*row];
	}
}

/* Replace all bytes. */
static void
look_up(const struct image *p, const uint8_t table[256])
{
	int x, y;

	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width * p->channels; x++)
			row[x] = table[row[x]];
	}
}

/* Blend all bytes with z. */
static void
blend_all(const struct image *p, int z, double factor)
{
	uint8_t table[256];
	int x;

	for (x = 0; x < 256; x++)
		table[x] = color_blend(z, x, (float)factor);
	look_up(p, table);
}

void
color_brightness(const struct image *p, double factor)
{
	blend_all(p, 0, factor);
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
	blend_all(p, (int)((double)sum / ((double)p->width * p->height) + 0.5), factor);
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
				row[c] = color_blend(z, row[c], (float)factor);
		}
	}
}

void
color_sharpness(struct arena *a, const struct image *p, double factor)
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

/* Rotate the hue of a pixel that is not gray, in sixths of the circle; its largest and smallest channel values stay. */
static void
rotate_hue(uint8_t rgb[3], float sixths)
{
	const int r = rgb[0], g = rgb[1], b = rgb[2];
	const int max = r > g ? (r > b ? r : b) : g > b ? g : b, min = r < g ? (r < b ? r : b) : g < b ? g : b;
	const float range = (float)(max - min);
	float hue = max == r ? (float)(g - b) / range : max == g ? 2 + (float)(b - r) / range :
		4 + (float)(r - g) / range;
	int c;

	for (c = 0; c < 3; c++) {
		/* a channel is a trapezoid over the circle: full within a sixth of its hue, zero from two sixths on */
		float distance = hue + sixths - 2 * (float)c, level;

		distance -= distance > 3 ? 6 : 0;
		distance += distance < -3 ? 6 : 0;
		level = 2 - (distance < 0 ? -distance : distance);
		level = level < 0 ? 0 : level > 1 ? 1 : level;
		rgb[c] = (uint8_t)((float)min + range * level + 0.5f);
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
				rotate_hue(row, (float)(6 * turn));
	}
}

void
color_gray(const struct image *p)
{
	int x, y;

	for (y = 0; p->channels == 3 && y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++, row += 3)
			memset(row, luma(row), 3);
	}
}

void
color_solarize(const struct image *p, double threshold)
{
	uint8_t table[256];
	int i;

	for (i = 0; i < 256; i++)
		table[i] = (uint8_t)(i < threshold ? i : 255 - i);
	look_up(p, table);
}

void
color_posterize(const struct image *p, int bits)
{
	uint8_t table[256];
	int i;

	for (i = 0; i < 256; i++)
		table[i] = (uint8_t)(i & ~((1 << (8 - bits)) - 1));
	look_up(p, table);
}

static void
make_histogram(const struct image *p, int channel, long histogram[256])
{
	int x, y;

	memset(histogram, 0, 256 * sizeof *histogram);
	for (y = 0; y < p->height; y++) {
		const uint8_t *row = image_row(p, y) + channel;

		for (x = 0; x < p->width; x++, row += p->channels)
			histogram[*row]++;
	}
}

static uint8_t
clip(long x)
{
	return (uint8_t)(x < 0 ? 0 : x > 255 ? 255 : x);
}

void
color_autocontrast(const struct image *p)
{
	long histogram[256];
	uint8_t table[256];
	int c, i, min, max;

	for (c = 0; c < p->channels; c++) {
		make_histogram(p, c, histogram);
		for (min = 0; min < 255 && !histogram[min]; min++)
			;
		for (max = 255; max > 0 && !histogram[max]; max--)
			;
		if (max <= min)
			continue;
		for (i = 0; i < 256; i++) {
			const double scale = 255.0 / (max - min);

			table[i] = clip((long)(i * scale + -min * scale));
		}
		look_up_channel(p, c, table);
	}
}

void
color_equalize(const struct image *p)
{
	long histogram[256], step, sum;
	uint8_t table[256];
	int c, i, max;

	for (c = 0; c < p->channels; c++) {
		make_histogram(p, c, histogram);
		for (max = 255; max > 0 && !histogram[max]; max--)
			;
		/* the cumulative histogram, to 255; Pillow leaves out the count of the largest byte */
		step = ((long)p->width * p->height - histogram[max]) / 255;
		if (step == 0)
			continue;
		for (i = 0, sum = step / 2; i < 256; i++) {
			table[i] = clip(sum / step);
			sum += histogram[i];
		}
		look_up_channel(p, c, table);
	}
}

void
color_voc(uint8_t palette[256][3])
{
	int i, bit, channel;

	for (i = 0; i < 256; i++)
		for (channel = 0; channel < 3; channel++) {
			palette[i][channel] = 0;
			for (bit = 0; 3 * bit + channel < 8; bit++)
				palette[i][channel] |= (uint8_t)((i >> (3 * bit + channel) & 1) << (7 - bit));
		}
}

void
color_hsv(double hue, double saturation, double value, float rgb[3])
{
	int c;

	for (c = 0; c < 3; c++) {
		/* each channel is a trapezoid over the circle, a third of a turn apart */
		double x = fabs(fmod(hue + 1 + (3 - c) / 3.0 * (c > 0), 1) * 6 - 3) - 1;

		x = x < 0 ? 0 : x > 1 ? 1 : x;
		rgb[c] = (float)(value * (1 - saturation + saturation * x));
	}
}

float
color_luma(const float rgb[3])
{
	return 0.299f * rgb[0] + 0.587f * rgb[1] + 0.114f * rgb[2];
}
