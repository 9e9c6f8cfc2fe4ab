/* rect - which rectangle of an image is looked at: random resized crop, and resize + center crop

   As torchvision's RandomResizedCrop, Resize and CenterCrop choose it, with random numbers of ours. Only
   + - * / sqrt and rounding to even are used: the same on every machine. */
#ifndef TRANSFORM_RECT_H
#define TRANSFORM_RECT_H

#include "base/rng.h"

#include <stdbool.h>

struct rect { int left, top, width, height; };

/* A rectangle of `scale[0]` to `scale[1]` of the image's area and a ratio of width to height between ratio[0] and
   ratio[1], its logarithm uniform; after ten that do not fit, the largest in the middle. */
struct rect rect_random(struct rng *r, int width, int height, const double scale[2], const double ratio[2]);

/* The same; false where none of the ten fits. */
bool rect_try(struct rng *r, int width, int height, const double scale[2], const double ratio[2], struct rect *out);

/* Size of the whole image when its shorter side becomes `shorter`; the longer one is cut to whole pixels. */
void rect_shorter(int width, int height, int shorter, int *to_width, int *to_height);

/* The rectangle of that size in the middle of an image that is at least as large. */
struct rect rect_center(int width, int height, int crop_width, int crop_height);

#endif
