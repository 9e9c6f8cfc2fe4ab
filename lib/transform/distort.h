/* distort - random colors: jitter as for classification, photometric distortion as for detection, erased rectangles; in place */
#ifndef TRANSFORM_DISTORT_H
#define TRANSFORM_DISTORT_H

#include "base/rng.h"
#include "codec/image.h"

/* Factors are drawn from 1 - x (at least 0) to 1 + x, the hue from -x to x of the circle (x up to 0.5); 0: left alone. */
struct distort { double brightness, contrast, saturation, hue; };

/* The four in random order, as torchvision's ColorJitter. */
void augment_jitter(struct rng *r, const struct image *p, const struct distort *d);

/* Each with chance 1/2: brightness by 1/8, contrast by 1/2 (before or after the others), saturation by 1/2, hue by 1/20 of
   the circle, channels in another order: torchvision's RandomPhotometricDistort (Liu and others, "SSD", 2016). */
void augment_photometric(struct rng *r, const struct image *p);

enum augment_fill { AUGMENT_FILL_MEAN, AUGMENT_FILL_BLACK, AUGMENT_FILL_NOISE };

/* Paint over one rectangle of area[0] to area[1] of the image and a ratio of width to height from ratio[0] to ratio[1]
   (Zhong and others, "Random erasing", 2020); nothing happens where ten do not fit. */
void augment_erase(struct rng *r, const struct image *p, const double area[2], const double ratio[2], enum augment_fill fill);

#endif
