/* warp - move every pixel by an affine map, in place: shear, turn, shift */
#ifndef IMAGE_WARP_H
#define IMAGE_WARP_H

#include "image/picture.h"

/* The pixel (x, y), measured from the middle of the picture to pixel centres, becomes the pixel in which
   (map[0] x + map[1] y + map[2], map[3] x + map[4] y + map[5]) lies; outside of the picture ImageNet's mean colour.
   Work space comes from the arena and is handed back. */
void warp(struct arena *a, const struct picture *p, const double map[6]);

/* The map that turns a picture by an angle, in degrees, -45 .. 45. */
void warp_turn(double degrees, double map[6]);

#endif
