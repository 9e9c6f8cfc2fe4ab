/* degrade - degrade an image by a list of operations: JPEG, downsampling, blur, noise; in place */
#include "transform/degrade.h"
#include "base/err.h"
#include "codec/decode.h"
#include "codec/save.h"
#include "transform/resize.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
jpeg(struct rng *r, struct arena *a, const struct image *p, double quality)
{
	struct decode_options o = decode_defaults;
	struct decode_report report;
	struct image out;
	size_t size;
	void *bytes;

	(void)r;
	if (p->width > SAVE_JPEG_SIDE_MAX || p->height > SAVE_JPEG_SIDE_MAX)
		return err(ERR_DATA,
			"an image of %d x %d pixels is too large for JPEG; its width and height are at most %d",
			p->width, p->height, SAVE_JPEG_SIDE_MAX);
	bytes = save_jpeg(a, p, (int)quality, &size);
	/* a file of our own needs no limits against hostile files */
	o.max_pixels = o.max_expansion = (double)p->width * p->height;
	o.gray = p->channels == 1;
	if (decode_image(bytes, size, &o, a, &out, &report) < 0)
		return -1;
	image_copy(p, &out);
	return 0;
}

static int
reduced(int size, double factor)
{
	const double x = rint(size / factor);

	return x < 1 ? 1 : (int)x;
}

static int
downup(struct rng *r, struct arena *a, const struct image *p, double factor)
{
	const struct image small = image_new(a, reduced(p->width, factor), reduced(p->height, factor), p->channels);

	(void)r;
	resize(a, &small, p, NULL, RESIZE_BICUBIC);
	resize(a, p, &small, NULL, RESIZE_BICUBIC);
	return 0;
}

static int
blur(struct rng *r, struct arena *a, const struct image *p, double sigma)
{
	(void)r;
	resize_blur(a, p, sigma);
	return 0;
}

/* Rounded normal numbers from -255 to 255 (a byte needs no more), by inversion of the distribution function: cdf[i] is
   the probability of at most i - 255 in units of 2^-32, begin[] where to begin the search for each high byte of a
   random word. One word makes one number. */
struct normal { uint64_t cdf[511]; int begin[256]; };

static void
normal_make(struct normal *n, double std)
{
	int i, high;

	for (i = 0; i < 511; i++)
		n->cdf[i] = i < 510 ? (uint64_t)(0x1p32 * 0.5 * erfc(-(i - 255 + 0.5) / (std * M_SQRT2)))
			: UINT64_C(1) << 32;
	for (i = high = 0; high < 256; high++) {
		while (n->cdf[i] <= (uint64_t)high << 24)
			i++;
		n->begin[high] = i;
	}
}

static int
normal_next(const struct normal *n, struct rng *r)
{
	const uint32_t word = rng_word(r);
	int i = n->begin[word >> 24];

	while (n->cdf[i] <= word)
		i++;
	return i - 255;
}

static int
noise(struct rng *r, struct arena *a, const struct image *p, double std)
{
	struct normal *n = arena_get(a, sizeof *n);
	int x, y;

	if (!(std > 0))
		return 0;
	normal_make(n, std);
	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width * p->channels; x++) {
			const int value = row[x] + normal_next(n, r);

			row[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
		}
	}
	return 0;
}

static const struct op {
	const char *name;
	double min, max;
	bool integer;	/* integers only */
	int (*apply)(struct rng *r, struct arena *a, const struct image *p, double x);
} ops[] = {
	{ "jpeg", 1, 100, true, jpeg },
	{ "downup", 1, 64, false, downup },
	{ "blur", 0, 32, false, blur },
	{ "noise", 0, 255, false, noise },
	{ NULL }
};

/* Read `30` or `10..50`, up to the comma or the end. */
static int
read_values(struct degrade_step *step, const char *text, size_t length)
{
	const struct op *op = &ops[step->op];
	char copy[64], *end, *dots;

	snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1), text);
	/* strtod() would take the first of the two dots */
	dots = strstr(copy, "..");
	if (dots)
		*dots = 0;
	step->min = strtod(copy, &end);
	if (end == copy || *end)
		return -1;
	step->max = dots ? strtod(dots + 2, &end) : step->min;
	if (dots && (end == dots + 2 || *end))
		return -1;
	if (op->integer && (step->min != rint(step->min) || step->max != rint(step->max)))
		return -1;
	return step->min >= op->min && step->min <= step->max && step->max <= op->max ? 0 : -1;
}

int
degrade_read(struct degrade *d, const char *list)
{
	const char *s = list;

	d->count = 0;
	while (*s) {
		const size_t length = strcspn(s, ","), name = strcspn(s, "=,");
		struct degrade_step *step = &d->steps[d->count];
		const struct op *op = ops;

		while (op->name && (strlen(op->name) != name || strncmp(op->name, s, name)))
			op++;
		if (!op->name)
			return err(
				ERR_USAGE, "unknown operation '%.*s'; use jpeg, downup, blur or noise", (int)name, s);
		if (d->count == DEGRADE_STEPS_MAX)
			return err(ERR_USAGE, "more than %d operations", DEGRADE_STEPS_MAX);
		step->op = (int)(op - ops);
		if (s[name] != '=' || read_values(step, s + name + 1, length - name - 1) < 0)
			return err(ERR_USAGE, "cannot read '%.*s'; write %s=%s or %s=MIN..MAX, from %g to %g",
				(int)length, s, op->name, op->integer ? "N" : "X", op->name, op->min, op->max);
		d->count++;
		s += length + (s[length] == ',');
	}
	return 0;
}

int
degrade_image(const struct degrade *d, struct rng *r, struct arena *a, const struct image *p, char done[DEGRADE_TEXT])
{
	size_t used = 0;
	int i;

	done[0] = 0;
	for (i = 0; i < d->count; i++) {
		const struct degrade_step *step = &d->steps[i];
		const struct op *op = &ops[step->op];
		const struct arena_mark mark = arena_mark(a);
		const double range = step->max - step->min;
		const double x = step->min +
			(op->integer ? (double)rng_below(r, (long)range + 1) : range * rng_unit(r));

		if (op->apply(r, a, p, x) < 0)
			return -1;
		arena_release(a, mark);
		used += (size_t)snprintf(done + used, DEGRADE_TEXT - used, "%s%s=%g", i ? "," : "", op->name, x);
	}
	return 0;
}
