/* picture - rows of bytes: what decoders make and resizing reads */
#ifndef IMAGE_PICTURE_H
#define IMAGE_PICTURE_H

#include "base/mem.h"

#include <stdint.h>

struct picture {
	int width, height;
	int channels;		/* 3: red, green, blue; 1: grey */
	size_t stride;		/* bytes from one row to the next */
	uint8_t *pixels;	/* borrowed: from an arena or a record */
};

/* A dense picture with memory from the arena, not zeroed. */
struct picture picture_new(struct arena *a, int width, int height, int channels);

/* A dense picture over bytes that exist. */
struct picture picture_over(void *pixels, int width, int height, int channels);

/* A rectangle of a picture, without copying; it must lie inside. */
struct picture picture_part(const struct picture *p, int left, int top, int width, int height);

/* First byte of a row. */
uint8_t *picture_row(const struct picture *p, int y);

/* Copy pixels between pictures of equal shape. */
void picture_copy(const struct picture *to, const struct picture *from);

/* Mirror left and right, in place. */
void picture_flip(const struct picture *p);

/* Three channels to one: luma of ITU-R BT.601 in 16-bit fixed point, as Pillow's convert("L"). */
struct picture picture_grey(struct arena *a, const struct picture *p);

/* Turn and mirror so that a picture of that EXIF orientation (1 .. 8; others count as 1) is upright.
   The picture itself where nothing is to do, else a new one from the arena. */
struct picture picture_upright(struct arena *a, const struct picture *p, int orientation);

#endif
