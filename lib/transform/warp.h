/* warp - move every pixel by an affine map, in place: shear, turn, shift */
#ifndef TRANSFORM_WARP_H
#define TRANSFORM_WARP_H

#include "codec/image.h"

/* The pixel (x, y), measured from the middle of the image to pixel centers, becomes the pixel in which
   (map[0] x + map[1] y + map[2], map[3] x + map[4] y + map[5]) lies; outside of the image ImageNet's mean color.
   Work space comes from the arena and is handed back. */
void augment_affine(struct arena *a, const struct image *p, const double map[6]);

/* The map that turns an image by an angle, in degrees, -45 .. 45. */
void augment_rotation(double degrees, double map[6]);

#endif
