/* resize - resampling of 8-bit images, to the last bit as Pillow, on every machine; Gaussian blur

   Separable, antialiased: the filter is stretched when the image shrinks. Coefficients are rounded to 22
   fractional bits; the horizontal pass is rounded and clipped to bytes before the vertical one.
   Source: Pillow 9.4, Resample.c (behavior); bicubic a = -0.5 as in Keys 1981. */
#ifndef TRANSFORM_RESIZE_H
#define TRANSFORM_RESIZE_H

#include "base/mem.h"
#include "base/opt.h"
#include "codec/image.h"

#include <stdbool.h>

#define RESIZE_FILTERS(X) X(RESIZE_BICUBIC, "bicubic") X(RESIZE_BILINEAR, "bilinear")
enum resize_filter { RESIZE_FILTERS(OPT_CONSTANT) };

/* Resample the rectangle `box` (left, top, right, bottom; inside the image, not empty, fractions allowed; NULL: the
   whole image) of `from` into `to`, whose shape and pixels are given. Filters read pixels outside the box, up to the
   edge of the image; to stop them at the edge of the box, pass image_part(). Work space comes from the arena and is
   handed back. */
void resize(struct arena *a, const struct image *to, const struct image *from, const float box[4],
	enum resize_filter filter);

/* Resize the image to width x height and crop the window of to's size at (left, top): the same bytes, but only the
   window is computed. flip: flip the window horizontally, at no cost. */
void resize_part(struct arena *a, const struct image *to, const struct image *from, int width, int height,
	int left, int top, bool flip, enum resize_filter filter);

/* Gaussian blur; sigma in pixels, 0: no change. Along rows, then along columns, each pass rounded to bytes: y[i] = sum
   of g(t) x[i + t] / sum of g(t), g(t) = exp(-t t / (2 sigma sigma)), over |t| <= 4 sigma + 1/2 (the window of SciPy's
   gaussian_filter) within the image. Work space comes from the arena and is handed back. */
void resize_blur(struct arena *a, const struct image *p, double sigma);

#endif
