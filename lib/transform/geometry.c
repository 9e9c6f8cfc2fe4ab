/* geometry - crop, resize, flip and pad: the map from the pixels of a source image to those of a result */
#include "transform/geometry.h"
#include "transform/patch.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>

enum { ATTEMPTS = 10 };	/* torchvision's RandomResizedCrop.get_params */

/* x to the power u, u in [0, 1): the product of the repeated square roots of x, one for each 1 bit of u. exp and log
   differ in the last bit between C libraries; sqrt does not. */
static double
power(double x, double u)
{
	double y = 1;
	int i;

	for (i = 0; i < 32; i++) {
		x = sqrt(x);
		u *= 2;
		if (u >= 1) {
			y *= x;
			u -= 1;
		}
	}
	return y;
}

/* CenterCrop: the centered rectangle of that size in an image that is at least as large. */
static struct rect
center_of(int width, int height, int crop_width, int crop_height)
{
	assert(crop_width <= width && crop_height <= height);
	return (struct rect){ (int)rint((width - crop_width) / 2.0), (int)rint((height - crop_height) / 2.0),
		crop_width, crop_height };
}

static struct rect
largest(int width, int height, const double ratio[2])
{
	double aspect = (double)width / height;
	int w = width, h = height;

	if (aspect < ratio[0])
		h = (int)rint(width / ratio[0]);
	else if (aspect > ratio[1])
		w = (int)rint(height * ratio[1]);
	w = w < 1 ? 1 : w > width ? width : w;
	h = h < 1 ? 1 : h > height ? height : h;
	return (struct rect){ (width - w) / 2, (height - h) / 2, w, h };
}

bool
rect_try(struct rng *r, int width, int height, const double scale[2], const double ratio[2], struct rect *out)
{
	double area = (double)width * height;
	int i;

	for (i = 0; i < ATTEMPTS; i++) {
		double target = area * (scale[0] + (scale[1] - scale[0]) * rng_unit(r));
		double shape = ratio[0] * power(ratio[1] / ratio[0], rng_unit(r));
		double w = rint(sqrt(target * shape)), h = rint(sqrt(target / shape));

		if (w >= 1 && h >= 1 && w <= width && h <= height) {
			int top = (int)rng_below(r, height - (long)h + 1);

			*out = (struct rect){ (int)rng_below(r, width - (long)w + 1), top, (int)w, (int)h };
			return true;
		}
	}
	return false;
}

struct rect
rect_random(struct rng *r, int width, int height, const double scale[2], const double ratio[2])
{
	struct rect g;

	return rect_try(r, width, height, scale, ratio, &g) ? g : largest(width, height, ratio);
}

/* The new size of a side when the other one goes from `from` to `to` pixels. That of a line of one pixel may exceed
   every limit: the caller checks. */
static int
proportional(int size, int to, int from)
{
	const long scaled = (long)size * to / from;

	return scaled > INT_MAX ? INT_MAX : (int)scaled;
}

void
rect_shorter(int width, int height, int shorter, int *to_width, int *to_height)
{
	*to_width = width <= height ? shorter : proportional(width, shorter, height);
	*to_height = height <= width ? shorter : proportional(height, shorter, width);
}

struct geometry
geometry_resized_crop(struct rect part, int to_width, int to_height)
{
	return (struct geometry){ .part = part, .width = to_width, .height = to_height,
		.placed = { 0, 0, to_width, to_height } };
}

struct geometry
geometry_center_crop(int width, int height, int shorter, int to_width, int to_height)
{
	struct geometry p = geometry_resized_crop((struct rect){ 0, 0, width, height }, to_width, to_height);
	struct rect g;

	if (shorter)
		rect_shorter(width, height, shorter, &p.width, &p.height);
	else if ((long)to_width * height >= (long)to_height * width)
		p.height = proportional(height, to_width, width);
	else
		p.width = proportional(width, to_height, height);
	g = center_of(p.width, p.height, to_width, to_height);
	p.left = g.left;
	p.top = g.top;
	return p;
}

/* A size in whole pixels: rounded half up, at least 1. */
static int
whole_pixels(double x)
{
	return x < 1 ? 1 : (int)(x + 0.5);
}

struct geometry
geometry_fit(struct rng *r, int width, int height, double scale, int to_width, int to_height)
{
	struct geometry p = geometry_resized_crop((struct rect){ 0, 0, width, height }, to_width, to_height);

	/* the size that limits is exact, the other one proportional; no quotient is rounded twice */
	if ((double)to_width * height < (double)to_height * width) {
		p.width = whole_pixels(to_width * scale);
		p.height = whole_pixels((double)height * to_width / width * scale);
	} else {
		p.width = whole_pixels((double)width * to_height / height * scale);
		p.height = whole_pixels(to_height * scale);
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
			for (c = 0; c < to->channels; c++) {
				const uint8_t value = color[to->channels == 3 ? c : 0];

				if (to->bytes == 2)
					((uint16_t *)(void *)image_row(to,
					    y))[x * to->channels + c] = (uint16_t)(value * 257);
				else
					image_row(to, y)[x * to->channels + c] = value;
			}
	}
}

void
geometry_image(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from,
	enum resize_filter filter)
{
	const struct image part = image_part(from, p->part.left, p->part.top, p->part.width, p->part.height);
	const struct image window = image_part(to, 0, 0, p->placed.width, p->placed.height);
	uint8_t color[3];

	patch_mean(to->channels, color);
	/* the filter reads only the part, as when Pillow crops first */
	resize_part(a, &window, &part, p->width, p->height, p->left, p->top, p->flip, filter);
	pad(to, &p->placed, color);
}

/* The index among `count` pixels in which the center of pixel i of `to` lies. */
static int
nearest(int i, int count, int to)
{
	return (int)((2L * i + 1) * count / (2L * to));
}

void
geometry_segmap(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from,
	uint8_t fill)
{
	struct arena_mark mark = arena_mark(a);
	int *column = arena_array(a, (size_t)p->placed.width, sizeof *column), x, y;

	assert(to->channels == 1 && from->channels == 1);
	for (x = 0; x < p->placed.width; x++)
		column[p->flip ? p->placed.width - 1 - x : x] = p->part.left +
			nearest(p->left + x, p->part.width, p->width);
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
clamp(double x, double max)
{
	return x < 0 ? 0 : x > max ? max : x;
}

double
geometry_box(const struct geometry *p, const float from[4], float to[4])
{
	double map[4], left, top, right, bottom, whole, clipped[4];
	int i;

	geometry_affine(p, map);
	left = map[0] + map[1] * from[p->flip ? 2 : 0];
	right = map[0] + map[1] * from[p->flip ? 0 : 2];
	top = map[2] + map[3] * from[1];
	bottom = map[2] + map[3] * from[3];
	whole = (right - left) * (bottom - top);
	clipped[0] = clamp(left, p->placed.width);
	clipped[1] = clamp(top, p->placed.height);
	clipped[2] = clamp(right, p->placed.width);
	clipped[3] = clamp(bottom, p->placed.height);
	for (i = 0; i < 4; i++)
		to[i] = (float)clipped[i];
	return whole > 0 ? (clipped[2] - clipped[0]) * (clipped[3] - clipped[1]) / whole : 0;
}

struct rect
geometry_visible(const struct geometry *p)
{
	const int left = (int)((long)p->left * p->part.width / p->width),
		top = (int)((long)p->top * p->part.height / p->height);
	const int width = (int)((long)p->placed.width * p->part.width / p->width),
		height = (int)((long)p->placed.height * p->part.height / p->height);

	return (struct rect){ p->part.left + left, p->part.top + top, width, height };
}
