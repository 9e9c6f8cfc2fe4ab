/* resize - Pillow's resampling of 8-bit pictures, to the last bit, on every machine

   Separable, antialiased: the filter is stretched when the picture shrinks. Coefficients are rounded to 22
   fractional bits; the horizontal pass is rounded and clipped to bytes before the vertical one.
   Source: Pillow 9.4, Resample.c (behaviour); bicubic a = -0.5 as in Keys 1981. */
#ifndef IMAGE_RESIZE_H
#define IMAGE_RESIZE_H

#include "image/picture.h"

#include <stdbool.h>

enum resize_filter { RESIZE_BICUBIC, RESIZE_BILINEAR };

/* Resample the rectangle `box` (left, top, right, bottom; inside the picture, not empty, fractions allowed;
   NULL: all of it) of `from` into `to`, whose shape and pixels are given. Filters reach beyond the box
   as far as the picture goes; to stop them at its edge, pass picture_part(). Work space comes from the
   arena and is handed back. */
void resize(struct arena *a, const struct picture *to, const struct picture *from, const float box[4], enum resize_filter filter);

/* The part of to's size at (left, top) of the picture resized to width x height: the same bytes as resizing all of
   it and cutting, without making the rest. flip: left and right of the part swapped, which costs nothing. */
void resize_part(struct arena *a, const struct picture *to, const struct picture *from, int width, int height, int left, int top, bool flip, enum resize_filter filter);

#endif
