/* image - pixels in rows, of 8 or 16 bits a sample */
#ifndef CODEC_IMAGE_H
#define CODEC_IMAGE_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>

struct record;
struct tensor;

struct image {
	int width, height;
	int channels;		/* 3: red, green, blue; 1: gray; up to 16 others */
	int bytes;		/* of a sample: 1; 2: uint16_t, and pixels is aligned to it */
	size_t stride;		/* bytes from one row to the next */
	uint8_t *pixels;	/* borrowed: from an arena or a record */
};

enum { IMAGE_CHANNELS_MAX = 16 };

/* A dense image with memory from the arena, not zeroed; samples of one byte, or of `bytes`. */
struct image image_new_deep(struct arena *a, int width, int height, int channels, int bytes);
struct image image_new(struct arena *a, int width, int height, int channels);

/* A dense image over existing memory; samples of one byte, or of `bytes`. */
struct image image_over_deep(void *pixels, int width, int height, int channels, int bytes);
struct image image_over(void *pixels, int width, int height, int channels);

/* A field of a record as an image of 1 to 16 channels of 8 or 16 bits, over the memory of the record. -1 and
   err(ERR_DATA). */
int image_read(const struct record *r, const char *name, struct image *p) ERR_CHECK;

/* The same as the tensor (H, W, C) of the record; NULL and err(ERR_DATA). Borrowed. */
const struct tensor *image_tensor(const struct record *r, const char *name) ERR_CHECK;

/* A rectangle of an image, without copying; it must lie inside. */
struct image image_part(const struct image *p, int left, int top, int width, int height);

/* First byte of a row. */
uint8_t *image_row(const struct image *p, int y);

/* Copy pixels between images of equal shape. */
void image_copy(const struct image *to, const struct image *from);

/* Flip horizontally, in place. */
void image_flip(const struct image *p);

/* Three channels to one: luma of ITU-R BT.601 in 16-bit fixed point, as Pillow's convert("L"). */
struct image image_gray(struct arena *a, const struct image *p);

/* Rotate and flip an image of that EXIF orientation (1 .. 8; others count as 1) to make it upright.
   Returns the image itself where nothing changes, else a new one from the arena. */
struct image image_upright(struct arena *a, const struct image *p, int orientation);

#endif
