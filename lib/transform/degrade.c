/* degrade - make an image worse in a chain of steps: JPEG, down and up again, blur, noise; in place */
#include "transform/degrade.h"
#include "base/err.h"
#include "transform/blur.h"
#include "codec/decode.h"
#include "transform/resize.h"
#include "codec/save.h"

#include <math.h>
#include <stdbool.h>
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
		return err(ERR_DATA, "an image of %d x %d pixels is too large for JPEG (%d a side at most)", p->width, p->height, SAVE_JPEG_SIDE_MAX);
	bytes = save_jpeg(a, p, (int)quality, &size);
	/* what was just written needs no limits against hostile files */
	o.max_pixels = o.max_expansion = (double)p->width * p->height;
	o.gray = p->channels == 1;
	if (decode_image(bytes, size, &o, a, &out, &report) < 0)
		return -1;
	image_copy(p, &out);
	return 0;
}

static int
side(int whole, double factor)
{
	const double part = rint(whole / factor);

	return part < 1 ? 1 : (int)part;
}

static int
downup(struct rng *r, struct arena *a, const struct image *p, double factor)
{
	const struct image small = image_new(a, side(p->width, factor), side(p->height, factor), p->channels);

	(void)r;
	resize(a, &small, p, NULL, RESIZE_BICUBIC);
	resize(a, p, &small, NULL, RESIZE_BICUBIC);
	return 0;
}

static int
soften(struct rng *r, struct arena *a, const struct image *p, double sigma)
{
	(void)r;
	blur(a, p, sigma);
	return 0;
}

/* Rounded normal numbers from -255 to 255 (more does not matter to a byte): the chance of at most i - 255 in units of
   2^-32, and for each high byte of a random word where to begin to look. One word makes one number. */
struct normal { uint64_t most[511]; int begin[256]; };

static void
normal_make(struct normal *n, double deviation)
{
	int i, high;

	for (i = 0; i < 511; i++)
		n->most[i] = i < 510 ? (uint64_t)(0x1p32 * 0.5 * erfc(-(i - 255 + 0.5) / (deviation * M_SQRT2))) : UINT64_C(1) << 32;
	for (i = high = 0; high < 256; high++) {
		while (n->most[i] <= (uint64_t)high << 24)
			i++;
		n->begin[high] = i;
	}
}

static int
normal_next(const struct normal *n, struct rng *r)
{
	const uint32_t word = rng_word(r);
	int i = n->begin[word >> 24];

	while (n->most[i] <= word)
		i++;
	return i - 255;
}

static int
noise(struct rng *r, struct arena *a, const struct image *p, double deviation)
{
	struct normal *n = arena_get(a, sizeof *n);
	int x, y;

	if (!(deviation > 0))
		return 0;
	normal_make(n, deviation);
	for (y = 0; y < p->height; y++) {
		uint8_t *row = image_row(p, y);

		for (x = 0; x < p->width * p->channels; x++) {
			const int value = row[x] + normal_next(n, r);

			row[x] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
		}
	}
	return 0;
}

static const struct kind {
	const char *name;
	double least, most;
	bool whole;	/* whole numbers only */
	int (*apply)(struct rng *r, struct arena *a, const struct image *p, double x);
} kinds[] = {
	{ "jpeg", 1, 100, true, jpeg },
	{ "downup", 1, 64, false, downup },
	{ "blur", 0, 32, false, soften },
	{ "noise", 0, 255, false, noise },
	{ NULL }
};

/* `30` or `10..50`, up to the comma or the end. */
static int
read_values(struct degrade_step *step, const char *text, size_t length)
{
	const struct kind *k = &kinds[step->kind];
	char copy[64], *end, *dots;

	snprintf(copy, sizeof copy, "%.*s", (int)(length < sizeof copy ? length : sizeof copy - 1), text);
	/* strtod() would take the first of the two dots */
	dots = strstr(copy, "..");
	if (dots)
		*dots = 0;
	step->least = strtod(copy, &end);
	if (end == copy || *end)
		return -1;
	step->most = dots ? strtod(dots + 2, &end) : step->least;
	if (dots && (end == dots + 2 || *end))
		return -1;
	if (k->whole && (step->least != rint(step->least) || step->most != rint(step->most)))
		return -1;
	return step->least >= k->least && step->least <= step->most && step->most <= k->most ? 0 : -1;
}

int
degrade_read(struct degrade *d, const char *chain)
{
	const char *s = chain;

	d->count = 0;
	while (*s) {
		const size_t length = strcspn(s, ","), name = strcspn(s, "=,");
		struct degrade_step *step = &d->steps[d->count];
		int k;

		for (k = 0; kinds[k].name && (strlen(kinds[k].name) != name || strncmp(kinds[k].name, s, name)); k++)
			;
		if (!kinds[k].name)
			return err(ERR_USAGE, "'%.*s' is none of jpeg, downup, blur, noise", (int)name, s);
		if (d->count == DEGRADE_STEPS_MAX)
			return err(ERR_USAGE, "more than %d steps", DEGRADE_STEPS_MAX);
		step->kind = k;
		if (s[name] != '=' || read_values(step, s + name + 1, length - name - 1) < 0)
			return err(ERR_USAGE, "'%.*s' is not %s=%s or %s=LEAST..MOST from %g to %g", (int)length, s, kinds[k].name,
			    kinds[k].whole ? "N" : "X", kinds[k].name, kinds[k].least, kinds[k].most);
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
		const struct kind *k = &kinds[step->kind];
		const struct arena_mark mark = arena_mark(a);
		const double x = step->least + (k->whole ? (double)rng_below(r, (long)(step->most - step->least) + 1) : (step->most - step->least) * rng_unit(r));

		if (k->apply(r, a, p, x) < 0)
			return -1;
		arena_release(a, mark);
		used += (size_t)snprintf(done + used, DEGRADE_TEXT - used, "%s%s=%g", i ? "," : "", k->name, x);
	}
	return 0;
}
