/* tone - what looks at each byte alone, or at how often each occurs: Pillow's ImageOps, to the last bit, in place */
#include "transform/tone.h"

#include <string.h>

void
color_gray(const struct image *p)
{
	int x, y;

	for (y = 0; p->channels == 3 && y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		/* as image_gray() */
		for (x = 0; x < p->width; x++, row += 3)
			memset(row, (row[0] * 19595 + row[1] * 38470 + row[2] * 7471 + 32768) >> 16, 3);
	}
}

/* Replace the bytes of one channel. */
static void
look_up(const struct image *p, int channel, const uint8_t table[256])
{
	int x, y;

	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y) + channel;

		for (x = 0; x < p->width; x++, row += p->channels)
			*row = table[*row];
	}
}

static void
look_up_all(const struct image *p, const uint8_t table[256])
{
	int c;

	for (c = 0; c < p->channels; c++)
		look_up(p, c, table);
}

void
color_solarize(const struct image *p, double threshold)
{
	uint8_t table[256];
	int i;

	for (i = 0; i < 256; i++)
		table[i] = (uint8_t)(i < threshold ? i : 255 - i);
	look_up_all(p, table);
}

void
color_posterize(const struct image *p, int bits)
{
	uint8_t table[256];
	int i;

	for (i = 0; i < 256; i++)
		table[i] = (uint8_t)(i & ~((1 << (8 - bits)) - 1));
	look_up_all(p, table);
}

static void
count(const struct image *p, int channel, long times[256])
{
	int x, y;

	memset(times, 0, 256 * sizeof *times);
	for (y = 0; y < p->height; y++) {
		const uint8_t *row = image_row(p, y) + channel;

		for (x = 0; x < p->width; x++, row += p->channels)
			times[*row]++;
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
	long times[256];
	uint8_t table[256];
	int c, i, least, most;

	for (c = 0; c < p->channels; c++) {
		count(p, c, times);
		for (least = 0; least < 255 && !times[least]; least++)
			;
		for (most = 255; most > 0 && !times[most]; most--)
			;
		if (most <= least)
			continue;
		for (i = 0; i < 256; i++) {
			const double scale = 255.0 / (most - least);

			table[i] = clip((long)(i * scale + -least * scale));
		}
		look_up(p, c, table);
	}
}

void
color_equalize(const struct image *p)
{
	long times[256], step, sum;
	uint8_t table[256];
	int c, i, most;

	for (c = 0; c < p->channels; c++) {
		count(p, c, times);
		for (most = 255; most > 0 && !times[most]; most--)
			;
		/* the most frequent bytes get the widest steps; the largest byte's own count does not */
		step = ((long)p->width * p->height - times[most]) / 255;
		if (step == 0)
			continue;
		for (i = 0, sum = step / 2; i < 256; i++) {
			table[i] = clip(sum / step);
			sum += times[i];
		}
		look_up(p, c, table);
	}
}
