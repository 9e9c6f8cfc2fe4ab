/* resize - Pillow's resampling of 8-bit images, to the last bit, on every machine

   Separable, antialiased: the filter is stretched when the image shrinks. Coefficients are rounded to 22
   fractional bits; the horizontal pass is rounded and clipped to bytes before the vertical one.
   Source: Pillow 9.4, Resample.c (behavior); bicubic a = -0.5 as in Keys 1981. */
#ifndef TRANSFORM_RESIZE_H
#define TRANSFORM_RESIZE_H

#include "codec/image.h"

#include <stdbool.h>

enum resize_filter { RESIZE_BICUBIC, RESIZE_BILINEAR };

/* Resample the rectangle `box` (left, top, right, bottom; inside the image, not empty, fractions allowed;
   NULL: all of it) of `from` into `to`, whose shape and pixels are given. Filters reach beyond the box
   as far as the image goes; to stop them at its edge, pass image_part(). Work space comes from the
   arena and is handed back. */
void resize(struct arena *a, const struct image *to, const struct image *from, const float box[4], enum resize_filter filter);

/* The part of to's size at (left, top) of the image resized to width x height: the same bytes as resizing all of
   it and cutting, without making the rest. flip: left and right of the part swapped, which costs nothing. */
void resize_part(struct arena *a, const struct image *to, const struct image *from, int width, int height, int left, int top, bool flip, enum resize_filter filter);

#endif
