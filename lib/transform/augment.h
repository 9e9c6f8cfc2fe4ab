/* augment - random augmentation of an image, in place: torchvision's ColorJitter, RandomPhotometricDistort,
   RandomErasing and RandAugment, with random numbers of this program */
#ifndef TRANSFORM_AUGMENT_H
#define TRANSFORM_AUGMENT_H

#include "base/mem.h"
#include "base/opt.h"
#include "base/rng.h"
#include "codec/image.h"

#include <stdbool.h>

/* Factors are drawn from 1 - x (at least 0) to 1 + x, the hue from -x to x of the circle (x up to 0.5). 0: no
   change. */
struct augment_jitter { double brightness, contrast, saturation, hue; };

/* ColorJitter: the four in random order. */
void augment_jitter(struct rng *r, const struct image *p, const struct augment_jitter *j);

/* Multiply each channel by a factor of its own, from 1 - gain to 1 + gain: the color of the light. */
void augment_gain(struct rng *r, const struct image *p, double gain);

/* RandomPhotometricDistort: each with probability 1/2, brightness by 1/8, contrast by 1/2 (before or after the others),
   saturation by 1/2, hue by 1/20 of the circle, permuted channels (Liu et al., "SSD", 2016). */
void augment_photometric(struct rng *r, const struct image *p);

#define AUGMENT_FILLS(X) X(AUGMENT_FILL_MEAN, "mean") X(AUGMENT_FILL_BLACK, "black") X(AUGMENT_FILL_NOISE, "noise")
enum augment_fill { AUGMENT_FILLS(OPT_CONSTANT) };

/* RandomErasing: overwrite one rectangle of area[0] to area[1] of the image and an aspect ratio (width / height) from
   ratio[0] to ratio[1] (Zhong et al., "Random erasing", 2020). No change where ten attempts do not fit. */
void augment_erase(struct rng *r, const struct image *p, const double area[2], const double ratio[2],
	enum augment_fill fill);

enum { AUGMENT_LEVELS = 30 };	/* largest magnitude of RandAugment */

/* RandAugment (Cubuk, Zoph, Shlens, Le, 2020): apply `count` operations, drawn uniformly from torchvision's table;
   with `geometric` also those that move pixels. magnitude: 0 .. AUGMENT_LEVELS. Work space comes from the arena and is
   handed back. */
void augment_rand(struct rng *r, struct arena *a, const struct image *p, int count, int magnitude, bool geometric);

/* Affine map with nearest-neighbor sampling. Coordinates are pixel centers relative to the image center: the pixel (x,
   y) is taken from (map[0] x + map[1] y + map[2], map[3] x + map[4] y + map[5]); outside the image it is ImageNet's
   mean color. Work space comes from the arena and is handed back. */
void augment_affine(struct arena *a, const struct image *p, const double map[6]);

/* The map of a rotation by an angle in degrees, -45 .. 45. */
void augment_rotation(double degrees, double map[6]);

#endif
