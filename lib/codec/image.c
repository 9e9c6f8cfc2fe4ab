/* image - pixels in rows, of 8 or 16 bits a sample */
#include "codec/image.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

struct image
image_over_deep(void *pixels, int width, int height, int channels, int bytes)
{
	return (struct image){ width, height, channels, bytes, (size_t)width * (size_t)(channels * bytes), pixels };
}

struct image
image_over(void *pixels, int width, int height, int channels)
{
	return image_over_deep(pixels, width, height, channels, 1);
}

struct image
image_new_deep(struct arena *a, int width, int height, int channels, int bytes)
{
	void *pixels = arena_array(a, mem_product((size_t)width, (size_t)height), (size_t)(channels * bytes));

	return image_over_deep(pixels, width, height, channels, bytes);
}

struct image
image_new(struct arena *a, int width, int height, int channels)
{
	return image_new_deep(a, width, height, channels, 1);
}

const struct tensor *
image_tensor(const struct record *r, const char *name)
{
	const struct value *v = record_get(r, name);
	const enum tensor_type type = v && v->kind == VALUE_TENSOR &&
	    v->tensor.type == TENSOR_U16 ? TENSOR_U16 : TENSOR_U8;
	const struct tensor *t = record_tensor(r, name, type, 3);

	if (t && (t->shape[0] < 1 || t->shape[1] < 1 || t->shape[2] < 1 || t->shape[2] > IMAGE_CHANNELS_MAX)) {
		err(ERR_DATA, "field '%s': shape (%ld, %ld, %ld) is not that of an image", name, t->shape[0],
		    t->shape[1], t->shape[2]);
		return NULL;
	}
	return t;
}

int
image_read(const struct record *r, const char *name, struct image *p)
{
	const struct tensor *t = image_tensor(r, name);

	if (!t)
		return -1;
	*p = image_over_deep(t->data, (int)t->shape[1], (int)t->shape[0], (int)t->shape[2],
	    (int)tensor_width(t->type));
	return 0;
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
	part.pixels = image_row(p, top) + (size_t)left * (size_t)(p->channels * p->bytes);
	return part;
}

void
image_copy(const struct image *to, const struct image *from)
{
	int y;

	assert(to->width == from->width && to->height == from->height && to->channels == from->channels &&
	    to->bytes == from->bytes);
	for (y = 0; y < to->height; y++)
		memcpy(image_row(to, y), image_row(from, y), (size_t)to->width * (size_t)(to->channels * to->bytes));
}

/* the pixels of a row in reverse; `size`, the bytes of a pixel, is a constant for the usual images */
static inline __attribute__((always_inline)) void
reverse(uint8_t *left, int width, int size)
{
	uint8_t *right = left + (width - 1) * size, kept[2 * IMAGE_CHANNELS_MAX];

	for (; left < right; left += size, right -= size) {
		memcpy(kept, left, (size_t)size);
		memcpy(left, right, (size_t)size);
		memcpy(right, kept, (size_t)size);
	}
}

void
image_flip(const struct image *p)
{
	const int size = p->channels * p->bytes;
	int y;

	for (y = 0; y < p->height; y++)
		if (size == 3)
			reverse(image_row(p, y), p->width, 3);
		else if (size == 1)
			reverse(image_row(p, y), p->width, 1);
		else
			reverse(image_row(p, y), p->width, size);
}

struct image
image_gray(struct arena *a, const struct image *p)
{
	struct image gray = image_new_deep(a, p->width, p->height, 1, p->bytes);
	int x, y;

	assert(p->channels == 3);
	/* 0.299, 0.587, 0.114 in units of 1 / 65536, rounded */
	for (y = 0; p->bytes == 2 && y < p->height; y++) {
		const uint16_t *from = (const void *)image_row(p, y);
		uint16_t *to = (void *)image_row(&gray, y);

		for (x = 0; x < p->width; x++, from += 3)
			to[x] = (uint16_t)((from[0] * UINT64_C(19595) + from[1] * UINT64_C(38470) +
			    from[2] * UINT64_C(7471) + 32768) >> 16);
	}
	for (y = 0; p->bytes == 1 && y < p->height; y++) {
		const uint8_t *from = image_row(p, y);
		uint8_t *to = image_row(&gray, y);

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
	const int size = p->channels * p->bytes;
	struct image out;
	int x, y;

	if (orientation < 2 || orientation > 8)
		return *p;
	if (table[orientation].transposed)
		out = image_new_deep(a, p->height, p->width, p->channels, p->bytes);
	else
		out = image_new_deep(a, p->width, p->height, p->channels, p->bytes);
	for (y = 0; y < out.height; y++) {
		uint8_t *to = image_row(&out, y);

		for (x = 0; x < out.width; x++, to += size) {
			int u = table[orientation].transposed ? y : x, v = table[orientation].transposed ? x : y;

			if (table[orientation].right)
				u = p->width - 1 - u;
			if (table[orientation].bottom)
				v = p->height - 1 - v;
			memcpy(to, image_row(p, v) + (ptrdiff_t)u * size, (size_t)size);
		}
	}
	return out;
}
