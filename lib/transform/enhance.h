/* enhance - brightness, contrast, saturation, sharpness, hue of an image, in place

   All but hue mix the image x with an image z that lacks the property: z + factor (x - z), in single precision, cut
   down to a byte: Pillow's ImageEnhance, to the last bit (and so torchvision's color jitter on Pillow's images). */
#ifndef TRANSFORM_ENHANCE_H
#define TRANSFORM_ENHANCE_H

#include "codec/image.h"

/* Factor 1: nothing happens; 0: the property is gone; over 1: more of it. */
void color_brightness(const struct image *p, double factor);	/* z: black */
void color_contrast(const struct image *p, double factor);		/* z: the mean of the gray image */
void color_saturation(const struct image *p, double factor);	/* z: the gray image */
void filter_sharpness(struct arena *a, const struct image *p, double factor);	/* z: smoothed by 1 1 1, 1 5 1, 1 1 1, but for the edge */

/* Turn the hue (HSV) by a part of the circle, -0.5 .. 0.5, in real numbers, rounded to bytes. Gray stays. */
void color_hue(const struct image *p, double turn);

#endif
