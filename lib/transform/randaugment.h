/* randaugment - a few simple operations, drawn from a table, all of one strength

   Cubuk, Zoph, Shlens, Le, "RandAugment: practical automated data augmentation with a reduced search space", 2020; operations
   and their ranges are those of torchvision's RandAugment. Pixels that are moved are taken by nearest neighbor; what comes
   from outside is the mean color. */
#ifndef TRANSFORM_RANDAUGMENT_H
#define TRANSFORM_RANDAUGMENT_H

#include "base/rng.h"
#include "codec/image.h"

#include <stdbool.h>

enum { AUGMENT_LEVELS = 30 };	/* strongest magnitude */

/* Apply `count` operations drawn with the same chance each, in place; with `moving` also those that move pixels.
   magnitude: 0 .. AUGMENT_LEVELS. Work space comes from the arena and is handed back. */
void randaugment(struct rng *r, struct arena *a, const struct image *p, int count, int magnitude, bool moving);

#endif
