/* randaugment - a few simple operations, drawn from a table, all of one strength */
#include "transform/randaugment.h"
#include "transform/enhance.h"
#include "transform/tone.h"
#include "transform/warp.h"

#include <math.h>

static void
nothing(struct arena *a, const struct image *p, double x)
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
	filter_sharpness(a, p, 1 + x);
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
stretch(struct arena *a, const struct image *p, double x)
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
shear_across(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, x, 0, 0, 1, 0 });
}

static void
shear_down(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, 0, 0, x, 1, 0 });
}

/* Whole pixels, as torchvision shifts. */
static void
shift_across(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, 0, trunc(x * p->width), 0, 1, 0 });
}

static void
shift_down(struct arena *a, const struct image *p, double x)
{
	augment_affine(a, p, (double[6]){ 1, 0, 0, 0, 1, trunc(x * p->height) });
}

static void
turn(struct arena *a, const struct image *p, double x)
{
	double map[6];

	augment_rotation(x, map);
	augment_affine(a, p, map);
}

/* Strength goes from `least` at magnitude 0 to `most` at the strongest; `either`: its sign is drawn. */
static const struct operation {
	void (*apply)(struct arena *a, const struct image *p, double strength);
	double least, most;
	bool either;
} operations[] = {
	{ nothing, 0, 0, false },
	{ brightness, 0, 0.9, true },
	{ saturation, 0, 0.9, true },
	{ contrast, 0, 0.9, true },
	{ sharpness, 0, 0.9, true },
	{ posterize, 8, 4, false },
	{ solarize, 255, 0, false },
	{ stretch, 0, 0, false },
	{ equalize, 0, 0, false },
	/* these move pixels */
	{ shear_across, 0, 0.3, true },
	{ shear_down, 0, 0.3, true },
	{ shift_across, 0, 150.0 / 331, true },
	{ shift_down, 0, 150.0 / 331, true },
	{ turn, 0, 30, true }
};
enum { STILL = 9, ALL = sizeof operations / sizeof *operations };

void
randaugment(struct rng *r, struct arena *a, const struct image *p, int count, int magnitude, bool moving)
{
	int i;

	for (i = 0; i < count; i++) {
		const struct operation *o = &operations[rng_below(r, moving ? ALL : STILL)];
		const double strength = o->least + (o->most - o->least) * magnitude / AUGMENT_LEVELS;

		o->apply(a, p, o->either && rng_below(r, 2) ? -strength : strength);
	}
}
