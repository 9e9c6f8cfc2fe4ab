/* augment - random augmentation of an image, in place */
#include "transform/augment.h"
#include "transform/color.h"
#include "transform/geometry.h"
#include "transform/patch.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BRIGHTNESS, CONTRAST, SATURATION, HUE, PROPERTIES };

static double
uniform(struct rng *r, double min, double max)
{
	return min + (max - min) * rng_unit(r);
}

static void
jitter(struct rng *r, const struct image *p, int property, double x)
{
	static void (*const by_factor[])(const struct image *p, double factor) = {
		[BRIGHTNESS] = color_brightness, [CONTRAST] = color_contrast, [SATURATION] = color_saturation
	};

	if (!(x > 0))
		return;
	if (property == HUE)
		color_hue(p, uniform(r, -x, x));
	else
		by_factor[property](p, uniform(r, x < 1 ? 1 - x : 0, 1 + x));
}

void
augment_jitter(struct rng *r, const struct image *p, const struct augment_jitter *j)
{
	const double x[PROPERTIES] = { j->brightness, j->contrast, j->saturation, j->hue };
	long order[PROPERTIES] = { BRIGHTNESS, CONTRAST, SATURATION, HUE };
	int i;

	rng_shuffle(r, order, PROPERTIES);
	for (i = 0; i < PROPERTIES; i++)
		jitter(r, p, (int)order[i], x[order[i]]);
}

void
augment_gain(struct rng *r, const struct image *p, double gain)
{
	float factor[4];
	int x, y, c;

	if (gain == 0)
		return;
	assert(p->channels <= 4);
	for (c = 0; c < p->channels; c++)
		factor[c] = (float)(1 - gain + 2 * gain * rng_unit(r));
	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width; x++)
			for (c = 0; c < p->channels; c++, row++)
				*row = color_blend(0, *row, factor[c]);
	}
}

static void
permute_channels(struct rng *r, const struct image *p)
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
	static const double x[PROPERTIES] = { 0.125, 0.5, 0.5, 0.05 };
	const long contrast_last = rng_below(r, 2);
	const int order[PROPERTIES] = { BRIGHTNESS, contrast_last ? SATURATION : CONTRAST,
		contrast_last ? HUE : SATURATION, contrast_last ? CONTRAST : HUE };
	int i;

	for (i = 0; i < PROPERTIES; i++)
		if (rng_below(r, 2))
			jitter(r, p, order[i], x[order[i]]);
	if (rng_below(r, 2))
		permute_channels(r, p);
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

void
augment_affine(struct arena *a, const struct image *p, const double map[6])
{
	struct arena_mark mark = arena_mark(a);
	struct image source = image_new(a, p->width, p->height, p->channels);
	const double center_x = p->width / 2.0, center_y = p->height / 2.0;
	uint8_t fill[3];
	int x, y;

	patch_mean(p->channels, fill);
	image_copy(&source, p);
	for (y = 0; y < p->height; y++) {
		uint8_t *out = image_row(p, y);

		for (x = 0; x < p->width; x++, out += p->channels) {
			const double u = x + 0.5 - center_x, v = y + 0.5 - center_y;
			const double from_x = floor(map[0] * u + map[1] * v + map[2] + center_x);
			const double from_y = floor(map[3] * u + map[4] * v + map[5] + center_y);
			const uint8_t *in = fill;

			if (from_x >= 0 && from_y >= 0 && from_x < p->width && from_y < p->height)
				in = image_row(&source, (int)from_y) + (int)from_x * p->channels;
			memcpy(out, in, (size_t)p->channels);
		}
	}
	arena_release(a, mark);
}

void
augment_rotation(double degrees, double map[6])
{
	/* sine and cosine by their series: + and * are the same on every machine; 10 terms are exact below a right
	   angle */
	const double x = degrees * (M_PI / 180);
	double term = 1, sums[2] = { 0, 0 };
	int i;

	for (i = 0; i < 20; i++) {
		sums[i % 2] += i & 2 ? -term : term;
		term *= x / (i + 1);
	}
	map[0] = map[4] = sums[0];
	map[1] = -sums[1];
	map[3] = sums[1];
	map[2] = map[5] = 0;
}

/* The operations of RandAugment; x: the magnitude in units of the operation. */

static void
identity(struct arena *a, const struct image *p, double x)
{
	(void)a, (void)p, (void)x;
}

static void
brightness(struct arena *a, const struct image *p, double x)
{
	(void)a;
	color_brightness(p, 1 + x);
}

static void
contrast(struct arena *a, const struct image *p, double x)
{
	(void)a;
	color_contrast(p, 1 + x);
}

static void
saturation(struct arena *a, const struct image *p, double x)
{
	(void)a;
	color_saturation(p, 1 + x);
}

static void
sharpness(struct arena *a, const struct image *p, double x)
{
	color_sharpness(a, p, 1 + x);
}

static void
posterize(struct arena *a, const struct image *p, double x)
{
	(void)a;
	color_posterize(p, (int)rint(x));
}

static void
solarize(struct arena *a, const struct image *p, double x)
{
	(void)a;
	color_solarize(p, x);
}

static void
autocontrast(struct arena *a, const struct image *p, double x)
{
	(void)a, (void)x;
	color_autocontrast(p);
}

static void
equalize(struct arena *a, const struct image *p, double x)
{
	(void)a, (void)x;
	color_equalize(p);
}

static void
shear_x(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, x, 0, 0, 1, 0 });
}

static void
shear_y(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, 0, 0, x, 1, 0 });
}

/* By whole pixels, as torchvision translates. */
static void
translate_x(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, 0, trunc(x * p->width), 0, 1, 0 });
}

static void
translate_y(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, 0, 0, 0, 1, trunc(x * p->height) });
}

static void
rotate(struct arena *a, const struct image *p, double x)
{
	double map[6];

	augment_rotation(x, map);
	augment_affine(a, p, map);
}

/* x goes from `weakest` at magnitude 0 to `strongest` at the largest; a signed one becomes negative with probability
   1/2. */
static const struct operation {
	void (*apply)(struct arena *a, const struct image *p, double x);
	double weakest, strongest;
	bool is_signed;
} operations[] = {
	{ identity, 0, 0, false },
	{ brightness, 0, 0.9, true },
	{ saturation, 0, 0.9, true },
	{ contrast, 0, 0.9, true },
	{ sharpness, 0, 0.9, true },
	{ posterize, 8, 4, false },
	{ solarize, 255, 0, false },
	{ autocontrast, 0, 0, false },
	{ equalize, 0, 0, false },
	/* geometric ones */
	{ shear_x, 0, 0.3, true },
	{ shear_y, 0, 0.3, true },
	{ translate_x, 0, 150.0 / 331, true },
	{ translate_y, 0, 150.0 / 331, true },
	{ rotate, 0, 30, true }
};
enum { FIRST_GEOMETRIC = 9, ALL = sizeof operations / sizeof *operations };

void
augment_rand(struct rng *r, struct arena *a, const struct image *p, int count, int magnitude, bool geometric)
{
	int i;

	for (i = 0; i < count; i++) {
		const struct operation *o = &operations[rng_below(r, geometric ? ALL : FIRST_GEOMETRIC)];
		const double x = o->weakest + (o->strongest - o->weakest) * magnitude / AUGMENT_LEVELS;

		o->apply(a, p, o->is_signed && rng_below(r, 2) ? -x : x);
	}
}
