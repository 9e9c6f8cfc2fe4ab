/* geometry - where the pixels of an image go: cut, resized, cut again, mirrored, padded */
#include "transform/geometry.h"
#include "transform/patch.h"

#include <assert.h>
#include <limits.h>

struct geometry
geometry_resized_crop(struct rect part, int to_width, int to_height)
{
	return (struct geometry){ .part = part, .width = to_width, .height = to_height, .placed = { 0, 0, to_width, to_height } };
}

/* A side that follows another one which goes from `from` to `to` pixels; a line becomes longer than any image. */
static int
longer(int along, int to, int from)
{
	const long whole = (long)along * to / from;

	return whole > INT_MAX ? INT_MAX : (int)whole;
}

struct geometry
geometry_center_crop(int width, int height, int shorter, int to_width, int to_height)
{
	struct geometry p = geometry_resized_crop((struct rect){ 0, 0, width, height }, to_width, to_height);
	struct rect g;

	if (shorter)
		rect_shorter(width, height, shorter, &p.width, &p.height);
	else if ((long)to_width * height >= (long)to_height * width)
		p.height = longer(height, to_width, width);
	else
		p.width = longer(width, to_height, height);
	g = rect_center(p.width, p.height, to_width, to_height);
	p.left = g.left;
	p.top = g.top;
	return p;
}

/* A side in whole pixels: rounded, half up, at least one. */
static int
side(double x)
{
	return x < 1 ? 1 : (int)(x + 0.5);
}

struct geometry
geometry_fit(struct rng *r, int width, int height, double scale, int to_width, int to_height)
{
	struct geometry p = geometry_resized_crop((struct rect){ 0, 0, width, height }, to_width, to_height);

	/* the side that decides is exact, the other one follows: products of whole numbers, no quotient is rounded twice */
	if ((double)to_width * height < (double)to_height * width) {
		p.width = side(to_width * scale);
		p.height = side((double)height * to_width / width * scale);
	} else {
		p.width = side((double)width * to_height / height * scale);
		p.height = side(to_height * scale);
	}
	if (r && p.width > to_width)
		p.left = (int)rng_below(r, p.width - to_width + 1);
	if (r && p.height > to_height)
		p.top = (int)rng_below(r, p.height - to_height + 1);
	p.placed.width = p.width < to_width ? p.width : to_width;
	p.placed.height = p.height < to_height ? p.height : to_height;
	return p;
}

void
geometry_affine(const struct geometry *p, double map[4])
{
	map[1] = (double)p->width / p->part.width;
	map[0] = -p->left - p->part.left * map[1];
	map[3] = (double)p->height / p->part.height;
	map[2] = -p->top - p->part.top * map[3];
	if (p->flip) {
		map[0] = p->placed.width - map[0];
		map[1] = -map[1];
	}
}

static void
pad(const struct image *to, const struct rect *placed, const uint8_t color[3])
{
	int x, y, c;

	for (y = 0; y < to->height; y++) {
		x = y < placed->height ? placed->width : 0;
		for (; x < to->width; x++)
			for (c = 0; c < to->channels; c++)
				image_row(to, y)[x * to->channels + c] = color[c];
	}
}

void
geometry_image(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from, enum resize_filter filter)
{
	const struct image part = image_part(from, p->part.left, p->part.top, p->part.width, p->part.height);
	const struct image window = image_part(to, 0, 0, p->placed.width, p->placed.height);
	uint8_t color[3];

	patch_mean(to->channels, color);
	/* only the part is seen by the filter, as when Pillow cuts first */
	resize_part(a, &window, &part, p->width, p->height, p->left, p->top, p->flip, filter);
	pad(to, &p->placed, color);
}

/* The pixel of `count` ones in which the center of pixel i of `to` lies. */
static int
nearest(int i, int count, int to)
{
	return (int)((2L * i + 1) * count / (2L * to));
}

void
geometry_segmap(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from, uint8_t fill)
{
	struct arena_mark mark = arena_mark(a);
	int *column = arena_get(a, sizeof *column * (size_t)p->placed.width), x, y;

	assert(to->channels == 1 && from->channels == 1);
	for (x = 0; x < p->placed.width; x++)
		column[p->flip ? p->placed.width - 1 - x : x] = p->part.left + nearest(p->left + x, p->part.width, p->width);
	for (y = 0; y < p->placed.height; y++) {
		const uint8_t *in = image_row(from, p->part.top + nearest(p->top + y, p->part.height, p->height));
		uint8_t *out = image_row(to, y);

		for (x = 0; x < p->placed.width; x++)
			out[x] = in[column[x]];
	}
	pad(to, &p->placed, (const uint8_t[3]){ fill });
	arena_release(a, mark);
}

static double
within(double x, double most)
{
	return x < 0 ? 0 : x > most ? most : x;
}

double
geometry_box(const struct geometry *p, const float from[4], float to[4])
{
	double map[4], left, top, right, bottom, whole, cut[4];
	int i;

	geometry_affine(p, map);
	left = map[0] + map[1] * from[p->flip ? 2 : 0];
	right = map[0] + map[1] * from[p->flip ? 0 : 2];
	top = map[2] + map[3] * from[1];
	bottom = map[2] + map[3] * from[3];
	whole = (right - left) * (bottom - top);
	cut[0] = within(left, p->placed.width);
	cut[1] = within(top, p->placed.height);
	cut[2] = within(right, p->placed.width);
	cut[3] = within(bottom, p->placed.height);
	for (i = 0; i < 4; i++)
		to[i] = (float)cut[i];
	return whole > 0 ? (cut[2] - cut[0]) * (cut[3] - cut[1]) / whole : 0;
}

struct rect
geometry_visible(const struct geometry *p)
{
	const int left = (int)((long)p->left * p->part.width / p->width), top = (int)((long)p->top * p->part.height / p->height);
	const int width = (int)((long)p->placed.width * p->part.width / p->width), height = (int)((long)p->placed.height * p->part.height / p->height);

	return (struct rect){ p->part.left + left, p->part.top + top, width, height };
}
