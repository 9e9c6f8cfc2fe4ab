/* geometry - which rectangle of a picture is looked at: random resized crop, and resize + centre crop

   As torchvision's RandomResizedCrop, Resize and CenterCrop choose it, with random numbers of ours. Only
   + - * / sqrt and rounding to even are used: the same on every machine. */
#ifndef IMAGE_GEOMETRY_H
#define IMAGE_GEOMETRY_H

#include "base/rng.h"

#include <stdbool.h>

struct geometry { int left, top, width, height; };

/* A rectangle of `scale[0]` to `scale[1]` of the picture's area and a ratio of width to height between ratio[0] and
   ratio[1], its logarithm uniform; after ten that do not fit, the largest in the middle. */
struct geometry geometry_random(struct rng *r, int width, int height, const double scale[2], const double ratio[2]);

/* The same; false where none of the ten fits. */
bool geometry_try(struct rng *r, int width, int height, const double scale[2], const double ratio[2], struct geometry *out);

/* Size of the whole picture when its shorter side becomes `shorter`; the longer one is cut to whole pixels. */
void geometry_shorter(int width, int height, int shorter, int *to_width, int *to_height);

/* The rectangle of that size in the middle of a picture that is at least as large. */
struct geometry geometry_center(int width, int height, int crop_width, int crop_height);

#endif
