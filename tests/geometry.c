/* geometry - boxes, segmentation maps and pixels have the same transform: 3000 random images, crops, scales, flips,
   paddings */
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "tap.h"
#include "transform/geometry.h"
#include "transform/resize.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { CASES = 3000, FILL = 255 };

static struct arena arena;

static int
between(struct rng *r, int least, int most)
{
	return least + (int)rng_below(r, most - least + 1);
}

static struct geometry
draw_geometry(struct rng *r, int kind, int width, int height, int to_width, int to_height)
{
	static const double scale[2] = { 0.1, 1 }, ratio[2] = { 0.4, 2.5 };
	struct geometry p;

	if (kind == 0)
		p = geometry_resized_crop(rect_random(r, width, height, scale, ratio), to_width, to_height);
	else if (kind == 1)
		p = geometry_center_crop(width, height,
			rng_below(r, 2) ? 0 : (to_width > to_height ? to_width : to_height) + between(r, 0, 30),
			to_width, to_height);
	else if (kind == 2)
		p = geometry_fit(NULL, width, height, 1, to_width, to_height);
	else
		p = geometry_fit(r, width, height, 0.1 + 1.9 * rng_unit(r), to_width, to_height);
	p.flip = kind != 2 && rng_below(r, 2);
	return p;
}

/* True if x is so close to an integer that rounding decides. */
static int
tie(double x)
{
	return fabs(x - rint(x)) < 1e-9;
}

/* Compare a segmentation map with the inverse of the affine map; centers on the edge between two pixels are not
   compared. */
static int
labels_differ(const struct geometry *p, const struct image *to, const struct image *from)
{
	double map[4];
	int x, y, bad = 0;

	geometry_affine(p, map);
	for (y = 0; y < to->height; y++)
		for (x = 0; x < to->width; x++) {
			const double u = (x + 0.5 - map[0]) / map[1], v = (y + 0.5 - map[2]) / map[3];
			const int inside = x < p->placed.width && y < p->placed.height;

			if (inside && (tie(u) || tie(v)))
				continue;
			if (inside && (u < 0 || v < 0 || u >= from->width || v >= from->height))
				bad++;
			else
				bad += image_row(to, y)[x] != (inside ? image_row(from, (int)v)[(int)u] : FILL);
		}
	return bad;
}

/* Compare the segmentation map of a painted box with the mapped box: a pixel is set if its center is inside. Pixels of
   the image deep inside the box or far outside have its color or the other one. */
static int box_differs(const struct geometry *p, const struct image *labels, const struct image *image,
	const float box[4], double reach_x, double reach_y)
{
	const double far[4] = { box[0] - reach_x, box[1] - reach_y, box[2] + reach_x, box[3] + reach_y };
	const double deep[4] = { box[0] + reach_x, box[1] + reach_y, box[2] - reach_x, box[3] - reach_y };
	int x, y, bad = 0;

	for (y = 0; y < p->placed.height; y++)
		for (x = 0; x < p->placed.width; x++) {
			const double u = x + 0.5, v = y + 0.5;
			const int set = image_row(labels, y)[x] == 1, value = image_row(image, y)[3 * x];

			/* the box is rounded to single precision */
			if (fabs(u - box[0]) < 1e-4 || fabs(u - box[2]) < 1e-4 || fabs(v - box[1]) < 1e-4 ||
				fabs(v - box[3]) < 1e-4)
				continue;
			bad += set != (u > box[0] && u < box[2] && v > box[1] && v < box[3]);
			if (u > deep[0] && u < deep[2] && v > deep[1] && v < deep[3])
				bad += value != 200;
			if (u < far[0] || u > far[2] || v < far[1] || v > far[3])
				bad += value != 30;
		}
	return bad;
}

static void
paint(const struct image *labels, const struct image *image, const int box[4])
{
	int x, y, c;

	for (y = 0; y < labels->height; y++)
		for (x = 0; x < labels->width; x++) {
			const int set = x >= box[0] && y >= box[1] && x < box[2] && y < box[3];

			image_row(labels, y)[x] = (uint8_t)set;
			for (c = 0; c < 3; c++)
				image_row(image, y)[3 * x + c] = set ? 200 : 30;
		}
}

static const char *const kinds[] = { "random", "center", "fit", "jitter" };

static void
check(int kind)
{
	int i, maps = 0, boxes = 0, fractions = 0, windows = 0, flips = 0;

	for (i = 0; i < CASES; i++) {
		struct rng r = rng_at(7, i, kinds[kind], "");
		const int width = between(&r, 1, 90), height = between(&r, 1, 90), to_width = between(&r, 1, 70),
			to_height = between(&r, 1, 70);
		const struct geometry p = draw_geometry(&r, kind, width, height, to_width, to_height);
		struct image labels = image_new(&arena, width, height, 1), image = image_new(&arena, width, height, 3);
		struct image to_labels = image_new(&arena, to_width, to_height, 1),
			to_image = image_new(&arena, to_width, to_height, 3);
		const int left = between(&r, 0, width - 1), top = between(&r, 0, height - 1);
		const int box[4] = { left, top, between(&r, left + 1, width), between(&r, top + 1, height) };
		const float from[4] = { (float)box[0], (float)box[1], (float)box[2], (float)box[3] };
		const double sx = (double)p.width / p.part.width, sy = (double)p.height / p.part.height;
		const struct rect g = geometry_visible(&p);
		float to[4], flipped[4];
		struct geometry q = p;
		size_t k;

		for (k = 0; k < (size_t)width * (size_t)height; k++)
			labels.pixels[k] = (uint8_t)rng_below(&r, 21);
		geometry_segmap(&p, &arena, &to_labels, &labels, FILL);
		maps += labels_differ(&p, &to_labels, &labels);
		paint(&labels, &image, box);
		geometry_segmap(&p, &arena, &to_labels, &labels, FILL);
		geometry_image(&p, &arena, &to_image, &image, RESIZE_BILINEAR);
		if (geometry_box(&p, from, to) > 0)
			/* bilinear reads one pixel of the coarser image and half a pixel of the other one */
			boxes += box_differs(&p, &to_labels, &to_image, to, fmax(sx, 1) + 0.5, fmax(sy, 1) + 0.5);
		/* letterboxing keeps the whole area of a box */
		fractions += kind == 2 && fabs(geometry_box(&p, from, to) - 1) > 1e-12;
		fractions += g.left < 0 || g.top < 0 || g.left + g.width > width || g.top + g.height > height;
		/* the flipped geometry gives the flipped box */
		q.flip = !p.flip;
		geometry_box(&p, from, to);
		geometry_box(&q, from, flipped);
		flips += fabs(to[0] - ((float)p.placed.width - flipped[2])) > 1e-3 ||
			fabs(to[2] - ((float)p.placed.width - flipped[0])) > 1e-3 || to[1] != flipped[1];
		windows += p.placed.width < 1 || p.placed.height < 1 || p.left + p.placed.width > p.width ||
			p.top + p.placed.height > p.height;
		arena_reset(&arena);
	}
	ok(!maps, "%s: segmentation maps follow the inverse affine map (%d pixels differ)", kinds[kind], maps);
	ok(!boxes, "%s: the pixels of a painted box are inside the mapped box (%d pixels differ)", kinds[kind], boxes);
	ok(!fractions && !windows, "%s: area fractions, windows and visible rectangles are within bounds", kinds[kind]);
	ok(!flips, "%s: the box of a flipped geometry is the flipped box", kinds[kind]);
}

int
main(void)
{
	const struct geometry cut = geometry_resized_crop((struct rect){ 10, 10, 20, 20 }, 40, 40);
	struct geometry fit;
	float to[4];
	int i;

	for (i = 0; i < 4; i++)
		check(i);
	ok(geometry_box(&cut, (float[4]){ 0, 12, 20, 14 }, to) == 0.5 && to[0] == 0 && to[1] == 4 && to[2] == 20 &&
			to[3] == 8,
		"geometry_box: half of a box is left, at twice the size");
	ok(geometry_box(&cut, (float[4]){ 0, 0, 10, 40 }, to) == 0,
		"geometry_box: nothing is left of a box outside the crop");
	fit = geometry_fit(NULL, 640, 427, 1, 224, 224);
	ok(fit.width == 224 && fit.height == 149 && fit.placed.height == 149, "geometry_fit: 640x427 becomes 224x149");
	fit = geometry_fit(NULL, 1, 5000, 1, 64, 32);
	ok(fit.width == 1 && fit.height == 32, "geometry_fit: a line keeps a width of one pixel");
	fit = geometry_fit(NULL, 100, 50, 2, 64, 64);
	ok(fit.width == 128 && fit.height == 64 && fit.placed.width == 64 && fit.placed.height == 64,
		"geometry_fit: twice the size is cropped");
	arena_free(&arena);
	return tap_end();
}
