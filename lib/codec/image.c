/* image - 8-bit pixels in rows */
#include "codec/image.h"

#include <assert.h>
#include <string.h>

struct image
image_over(void *pixels, int width, int height, int channels)
{
	return (struct image){ width, height, channels, (size_t)width * (size_t)channels, pixels };
}

struct image
image_new(struct arena *a, int width, int height, int channels)
{
	return image_over(arena_get(a, (size_t)width * (size_t)height * (size_t)channels), width, height, channels);
}

uint8_t *
image_row(const struct image *p, int y)
{
	return p->pixels + (size_t)y * p->stride;
}

struct image
image_part(const struct image *p, int left, int top, int width, int height)
{
	struct image part = *p;

	assert(left >= 0 && top >= 0 && width > 0 && height > 0 && width <= p->width - left &&
		height <= p->height - top);
	part.width = width;
	part.height = height;
	part.pixels = image_row(p, top) + (size_t)left * (size_t)p->channels;
	return part;
}

void
image_copy(const struct image *to, const struct image *from)
{
	int y;

	assert(to->width == from->width && to->height == from->height && to->channels == from->channels);
	for (y = 0; y < to->height; y++)
		memcpy(image_row(to, y), image_row(from, y), (size_t)to->width * (size_t)to->channels);
}

/* the pixels of a row in reverse, `channels` a constant */
static inline __attribute__((always_inline)) void
reverse(uint8_t *left, int width, int channels)
{
	uint8_t *right = left + (width - 1) * channels, kept[3];

	for (; left < right; left += channels, right -= channels) {
		memcpy(kept, left, (size_t)channels);
		memcpy(left, right, (size_t)channels);
		memcpy(right, kept, (size_t)channels);
	}
}

void
image_flip(const struct image *p)
{
	int y;

	for (y = 0; y < p->height; y++)
		if (p->channels == 3)
			reverse(image_row(p, y), p->width, 3);
		else
			reverse(image_row(p, y), p->width, 1);
}

struct image
image_gray(struct arena *a, const struct image *p)
{
	struct image gray = image_new(a, p->width, p->height, 1);
	int x, y;

	assert(p->channels == 3);
	for (y = 0; y < p->height; y++) {
		const uint8_t *from = image_row(p, y);
		uint8_t *to = image_row(&gray, y);

		/* 0.299, 0.587, 0.114 in units of 1 / 65536, rounded */
		for (x = 0; x < p->width; x++, from += 3)
			to[x] = (uint8_t)((from[0] * 19595 + from[1] * 38470 + from[2] * 7471 + 32768) >> 16);
	}
	return gray;
}

struct image
image_upright(struct arena *a, const struct image *p, int orientation)
{
	/* the location of upright pixel (0, 0) and the direction of upright rows in the source: EXIF 2.3, tag 0x0112 */
	static const struct { int right, bottom, transposed; } table[9] = {
		[2] = { 1, 0, 0 }, [3] = { 1, 1, 0 }, [4] = { 0, 1, 0 },
		[5] = { 0, 0, 1 }, [6] = { 0, 1, 1 }, [7] = { 1, 1, 1 }, [8] = { 1, 0, 1 }
	};
	struct image out;
	int x, y;

	if (orientation < 2 || orientation > 8)
		return *p;
	if (table[orientation].transposed)
		out = image_new(a, p->height, p->width, p->channels);
	else
		out = image_new(a, p->width, p->height, p->channels);
	for (y = 0; y < out.height; y++) {
		uint8_t *to = image_row(&out, y);

		for (x = 0; x < out.width; x++, to += p->channels) {
			int u = table[orientation].transposed ? y : x, v = table[orientation].transposed ? x : y;

			if (table[orientation].right)
				u = p->width - 1 - u;
			if (table[orientation].bottom)
				v = p->height - 1 - v;
			memcpy(to, image_row(p, v) + u * p->channels, (size_t)p->channels);
		}
	}
	return out;
}
