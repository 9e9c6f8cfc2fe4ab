/* distort - random colors: jitter as for classification, photometric distortion as for detection, erased rectangles; in place */
#include "transform/distort.h"
#include "transform/enhance.h"
#include "transform/rect.h"
#include "transform/patch.h"

#include <string.h>

enum { BRIGHTNESS, CONTRAST, SATURATION, HUE, KINDS };

static double
between(struct rng *r, double least, double most)
{
	return least + (most - least) * rng_unit(r);
}

static void
change(struct rng *r, const struct image *p, int kind, double x)
{
	static void (*const by_factor[])(const struct image *p, double factor) = {
		[BRIGHTNESS] = color_brightness, [CONTRAST] = color_contrast, [SATURATION] = color_saturation
	};

	if (!(x > 0))
		return;
	if (kind == HUE)
		color_hue(p, between(r, -x, x));
	else
		by_factor[kind](p, between(r, x < 1 ? 1 - x : 0, 1 + x));
}

void
augment_jitter(struct rng *r, const struct image *p, const struct distort *d)
{
	const double x[KINDS] = { d->brightness, d->contrast, d->saturation, d->hue };
	long order[KINDS] = { 0, 1, 2, 3 };
	int i;

	rng_shuffle(r, order, KINDS);
	for (i = 0; i < KINDS; i++)
		change(r, p, (int)order[i], x[order[i]]);
}

static void
swap_channels(struct rng *r, const struct image *p)
{
	long order[3] = { 0, 1, 2 };
	int x, y;

	rng_shuffle(r, order, 3);
	for (y = 0; p->channels == 3 && y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++, row += 3)
			memcpy(row, (uint8_t[3]){ row[order[0]], row[order[1]], row[order[2]] }, 3);
	}
}

void
augment_photometric(struct rng *r, const struct image *p)
{
	static const double x[KINDS] = { 0.125, 0.5, 0.5, 0.05 };
	const long last = rng_below(r, 2);
	const int order[KINDS] = { BRIGHTNESS, last ? SATURATION : CONTRAST, last ? HUE : SATURATION, last ? CONTRAST : HUE };
	int i;

	for (i = 0; i < KINDS; i++)
		if (rng_below(r, 2))
			change(r, p, order[i], x[order[i]]);
	if (rng_below(r, 2))
		swap_channels(r, p);
}

void
augment_erase(struct rng *r, const struct image *p, const double area[2], const double ratio[2], enum augment_fill fill)
{
	uint8_t color[3] = { 0 };
	struct rect g;
	int x, y;

	if (!rect_try(r, p->width, p->height, area, ratio, &g))
		return;
	if (fill == AUGMENT_FILL_MEAN)
		patch_mean(p->channels, color);
	for (y = g.top; y < g.top + g.height; y++)
		for (x = g.left * p->channels; x < (g.left + g.width) * p->channels; x++)
			image_row(p, y)[x] = fill == AUGMENT_FILL_NOISE ? (uint8_t)rng_word(r) : color[x % p->channels];
}
