/* enhance - brightness, contrast, saturation, sharpness, hue of a picture, in place

   All but hue mix the picture x with a picture z that lacks the property: z + factor (x - z), in single precision, cut
   down to a byte: Pillow's ImageEnhance, to the last bit (and so torchvision's colour jitter on Pillow's pictures). */
#ifndef IMAGE_ENHANCE_H
#define IMAGE_ENHANCE_H

#include "image/picture.h"

/* Factor 1: nothing happens; 0: the property is gone; over 1: more of it. */
void enhance_brightness(const struct picture *p, double factor);	/* z: black */
void enhance_contrast(const struct picture *p, double factor);		/* z: the mean of the grey picture */
void enhance_saturation(const struct picture *p, double factor);	/* z: the grey picture */
void enhance_sharpness(struct arena *a, const struct picture *p, double factor);	/* z: smoothed by 1 1 1, 1 5 1, 1 1 1, but for the edge */

/* Turn the hue (HSV) by a part of the circle, -0.5 .. 0.5, in real numbers, rounded to bytes. Grey stays. */
void enhance_hue(const struct picture *p, double turn);

#endif
