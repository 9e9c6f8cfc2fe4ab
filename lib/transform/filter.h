/* filter - Gaussian blur and sharpness of an image, in place */
#ifndef TRANSFORM_FILTER_H
#define TRANSFORM_FILTER_H

#include "base/mem.h"
#include "codec/image.h"

/* Gaussian blur; sigma in pixels, 0: no change. Along rows, then along columns, each pass rounded to bytes: y[i] = sum
   of g(t) x[i + t] / sum of g(t), g(t) = exp(-t t / (2 sigma sigma)), over |t| <= 4 sigma + 1/2 (the window of SciPy's
   gaussian_filter) within the image. Work space comes from the arena and is handed back. */
void filter_blur(struct arena *a, const struct image *p, double sigma);

/* Blend the image with its smoothed version (weights 1 1 1, 1 5 1, 1 1 1) except for the border, to the last bit as
   Pillow's ImageEnhance.Sharpness. Factor 1: no change; 0: smooth; over 1: sharper. Work space as above. */
void filter_sharpness(struct arena *a, const struct image *p, double factor);

#endif
