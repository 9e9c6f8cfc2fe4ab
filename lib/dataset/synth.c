/* synth - procedural images: textured figures on cluttered grounds, with boxes and segmentation maps

   Background, strokes, figures one over the other, more strokes, light, noise. The ranges below are chosen by eye:
   classes are easy to see at 32 pixels, but hard to find by comparing pixels. */
#include "dataset/synth.h"
#include "annotation/segmap.h"
#include "base/rng.h"
#include "dataset/synth_canvas.h"
#include "transform/color.h"

#include <math.h>
#include <stdio.h>

/* The texture of each class, its period as a fraction of the image size; a tenth of the figures have that of another
   class. */
static const struct { enum synth_texture_kind kind; double period; } textures[SYNTH_CLASSES] = {
	{ SYNTH_TEXTURE_STRIPES, 0.14 }, { SYNTH_TEXTURE_GRAIN, 0.15 }, { SYNTH_TEXTURE_CHECKS, 0.18 },
	{ SYNTH_TEXTURE_DOTS, 0.16 }, { SYNTH_TEXTURE_SMOOTH, 0.4 }, { SYNTH_TEXTURE_STRIPES, 0.3 },
	{ SYNTH_TEXTURE_CHECKS, 0.36 }, { SYNTH_TEXTURE_GRAIN, 0.4 }, { SYNTH_TEXTURE_DOTS, 0.32 },
	{ SYNTH_TEXTURE_STRIPES, 0.5 }
};

static double
range(struct rng *r, double low, double high)
{
	return low + (high - low) * rng_unit(r);
}

static void
color(struct rng *r, double max_saturation, float rgb[3])
{
	double hue = rng_unit(r), saturation = range(r, 0, max_saturation);

	color_hsv(hue, saturation, range(r, 0.25, 1), rgb);
}

static struct synth_paint
paint(struct rng *r, enum synth_texture_kind kind, double period, double contrast)
{
	const double angle = range(r, 0, M_PI);
	struct synth_paint p = { { kind, period, angle, contrast, rng_word(r) }, { { 0 } } };

	color(r, 0.3, p.color[0]);
	color(r, 0.3, p.color[1]);
	return p;
}

static void
strokes(struct rng *r, struct synth_canvas *c, long n, double scale)
{
	for (; n > 0; n--) {
		double x = range(r, 0, c->width), y = range(r, 0, c->height), angle = range(r, 0, 2 * M_PI),
			length = range(r, 0.1, 0.6) * scale;
		struct synth_stroke s = { x, y, x + length * cos(angle), y + length * sin(angle),
			range(r, 0.008, 0.035) * scale, { 0 } };

		color(r, 0.9, s.color);
		synth_canvas_stroke(c, &s);
	}
}

/* The second color of a figure is a darker shade of the first, so that its texture is visible. */
static void
deepen(struct synth_paint *p, struct rng *r)
{
	float shade = (float)range(r, 0.2, 0.5);
	int i;

	for (i = 0; i < 3; i++)
		p->color[1][i] = shade * p->color[0][i];
}

/* Move both colors of a figure away from the luma of its background. */
static void
add_contrast(struct synth_paint *p, float background, struct rng *r)
{
	double least = range(r, 0.16, 0.35);
	int i, k;

	for (k = 0; k < 2; k++) {
		float luma = color_luma(p->color[k]);
		float target = (float)(background < 0.5 ? background + least : background - least);

		if (fabs(luma - background) >= least)
			continue;
		for (i = 0; i < 3; i++) {
			p->color[k][i] += target - luma;
			p->color[k][i] = p->color[k][i] < 0 ? 0 : p->color[k][i] > 1 ? 1 : p->color[k][i];
		}
	}
}

static struct synth_figure
figure(const struct synth *s, struct rng *r, int shape, const struct synth_canvas *c)
{
	double scale = s->width < s->height ? s->width : s->height;
	bool alone = s->objects == 1;
	/* C leaves the order of arguments open, and the order of random numbers decides the image: one by one */
	const double radius = scale * (alone ? range(r, 0.2, 0.38) : range(r, 0.1, 0.34));
	const double angle = range(r, -M_PI, M_PI), stretch = range(r, 0.87, 1.15);
	struct synth_figure f = { .shape = shape, .radius = radius, .angle = angle, .stretch = stretch };
	double contrast, hue, saturation, value;
	/* the least distance to the edge of the image, which cuts some figures */
	double room = alone ? 0.6 * f.radius : 0.5 * f.radius;
	int as = rng_unit(r) < 0.1 ? (int)rng_below(r, SYNTH_CLASSES) : shape;

	f.x = range(r, room, s->width - room);
	f.y = range(r, room, s->height - room);
	contrast = range(r, 0.7, 1);
	f.paint = paint(r, textures[as].kind, fmax(3, textures[as].period * scale * range(r, 0.85, 1.15)), contrast);
	/* the hue of its class, which overlaps with those of two other classes */
	value = range(r, 0.5, 1);
	saturation = range(r, 0.4, 0.9);
	hue = (shape + range(r, 0, 2)) / SYNTH_CLASSES;
	color_hsv(hue, saturation, value, f.paint.color[0]);
	deepen(&f.paint, r);
	add_contrast(&f.paint, synth_canvas_luma(c, f.x, f.y, f.radius), r);
	f.light[0] = range(r, -0.2, 0.2);
	f.light[1] = range(r, -0.2, 0.2);
	f.shade = rng_unit(r) < 0.5 ? range(r, 0.2, 0.5) : 0;
	f.shadow[0] = range(r, -0.2, 0.2) * f.radius;
	f.shadow[1] = range(r, 0.05, 0.2) * f.radius;
	return f;
}

/* Apply exposure, gamma, color cast and noise; convert to bytes. */
static void
expose(struct rng *r, const struct synth_canvas *c, const struct image *to)
{
	double gain = range(r, 0.65, 1.25), gamma = range(r, 0.8, 1.25), noise = range(r, 0, 0.03), cast[3];
	size_t i, n = (size_t)c->width * (size_t)c->height * 3;

	for (i = 0; i < 3; i++)
		cast[i] = gain * range(r, 0.9, 1.1);
	for (i = 0; i < n; i++) {
		double v = pow(fmax(0, cast[i % 3] * c->rgb[i]), gamma) + noise * rng_normal(r);

		to->pixels[i] = (uint8_t)lround(255 * (v < 0 ? 0 : v > 1 ? 1 : v));
	}
}

/* Make segmentation maps, boxes and flags from the owners of pixels; invisible objects are left out. */
static void
annotate(const struct synth_canvas *c, struct synth_object *all, int n, struct synth_scene *out)
{
	uint8_t label[SYNTH_OBJECTS_MAX + 1] = { 0 };
	int x, y, i;

	for (y = 0; y < c->height; y++)
		for (x = 0; x < c->width; x++) {
			int owner = c->owner[(size_t)y * (size_t)c->width + (size_t)x];
			struct synth_object *o = &all[owner - (owner > 0)];

			if (owner == 0)
				continue;
			if (o->visible++ == 0)
				o->left = o->right = x + 1, o->top = y + 1;
			o->left = x + 1 < o->left ? x + 1 : o->left;
			o->right = x + 1 > o->right ? x + 1 : o->right;
			o->bottom = y + 1;
		}
	for (i = 0; i < n; i++) {
		struct synth_object *o = &all[i];

		o->truncated = (double)o->inside < 0.98 * (double)o->whole;
		o->occluded = (double)o->visible < 0.95 * (double)o->inside;
		o->difficult = (double)o->visible < 0.4 * (double)o->whole || o->right - o->left < 5 ||
			o->bottom - o->top < 5;
		if (o->visible > 0) {
			out->object[out->count++] = *o;
			label[i + 1] = (uint8_t)out->count;
		}
	}
	for (y = 0; y < c->height; y++)
		for (x = 0; x < c->width; x++) {
			size_t at = (size_t)y * (size_t)c->width + (size_t)x;
			int k = label[c->owner[at]];

			out->instances.pixels[at] = c->border[at] ? SEGMAP_IGNORE : (uint8_t)k;
			out->labels.pixels[at] = c->border[at] ? SEGMAP_IGNORE
				: k                            ? (uint8_t)(out->object[k - 1].class + 1)
					: 0;
		}
}

void
synth_draw(const struct synth *s, long number, struct arena *a, struct synth_scene *out)
{
	double scale = s->width < s->height ? s->width : s->height, light[2];
	struct synth_canvas c = synth_canvas_new(a, s->width, s->height);
	struct synth_object all[SYNTH_OBJECTS_MAX] = { { 0 } };
	struct synth_paint ground;
	double contrast;
	struct rng r;
	char key[32];
	int i, n;

	snprintf(key, sizeof key, "%ld", number);
	r = rng_at(s->seed, 0, "synth", key);
	*out = (struct synth_scene){ .image = image_new(a, s->width, s->height, 3),
		.labels = image_new(a, s->width, s->height, 1),
		.instances = image_new(a, s->width, s->height, 1) };
	contrast = range(&r, 0.2, 0.6);
	ground = paint(&r, SYNTH_TEXTURE_SMOOTH, range(&r, 0.2, 0.8) * scale, contrast);
	light[0] = range(&r, -0.7, 0.7);
	light[1] = range(&r, -0.7, 0.7);
	synth_canvas_ground(&c, &ground, light);
	strokes(&r, &c, rng_below(&r, 7), scale);
	n = s->objects == 1 ? 1 : 1 + (int)rng_below(&r, s->objects);
	for (i = 0; i < n; i++) {
		struct synth_figure f;

		all[i].class = s->objects == 1 ? (int)(number % s->classes) : (int)rng_below(&r, s->classes);
		f = figure(s, &r, all[i].class, &c);
		synth_canvas_figure(&c, &f, i, &all[i]);
	}
	strokes(&r, &c, rng_below(&r, 3), scale);
	expose(&r, &c, &out->image);
	annotate(&c, all, n, out);
}

bool
synth_held_out(const struct synth *s, long number, double fraction)
{
	/* by rounds through the classes, so that each class is split in the same ratio */
	double round = (double)(s->objects == 1 ? number / s->classes : number);

	return floor((round + 1) * fraction) > floor(round * fraction);
}
