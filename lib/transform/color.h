/* color - operations on the colors of an image, in place, and color tables

   All operations but hue give the bytes of Pillow's ImageEnhance and ImageOps, and so of torchvision's functions of the
   same names on Pillow's images. */
#ifndef TRANSFORM_COLOR_H
#define TRANSFORM_COLOR_H

#include "base/mem.h"
#include "codec/image.h"

#include <stdint.h>

/* Blend z with x: z + factor (x - z) in single precision, truncated and clipped to a byte (Pillow's Image.blend). */
static inline uint8_t
color_blend(int z, int x, float factor)
{
	const float y = (float)z + factor * (float)(x - z);

	return (uint8_t)(y <= 0 ? 0 : y >= 255 ? 255 : y);
}

/* Blend the image with an image z that lacks the property. Factor 1: no change; 0: the property is gone; over 1: more
   of it. */
void color_brightness(const struct image *p, double factor);	/* z: black */
void color_contrast(const struct image *p, double factor);	/* z: the mean of the gray image */
void color_saturation(const struct image *p, double factor);	/* z: the gray image */

/* Blend the image with its smoothed version (weights 1 1 1, 1 5 1, 1 1 1) except for the border, to the last bit as
   Pillow's ImageEnhance.Sharpness. Factor 1: no change; 0: smooth; over 1: sharper. Work space comes from
   the arena and is handed back. */
void color_sharpness(struct arena *a, const struct image *p, double factor);

/* Rotate the hue (HSV) by a fraction of the color circle, -0.5 .. 0.5, in real numbers, rounded to bytes. Gray
   stays. */
void color_hue(const struct image *p, double turn);

void color_gray(const struct image *p);				/* all channels become the luma */
void color_solarize(const struct image *p, double threshold);	/* invert bytes of at least the threshold */
void color_posterize(const struct image *p, int bits);		/* keep that many high bits, 0 .. 8 */
void color_autocontrast(const struct image *p);	/* stretch each channel: its smallest byte becomes 0, its largest 255 */
void color_equalize(const struct image *p);	/* equalize the histogram of each channel */

/* The 256 colors of PASCAL VOC's segmentation maps: the bits of the index, three at a time, become the high bits of
   red, green and blue (VOC development kit, VOClabelcolormap). */
void color_voc(uint8_t palette[256][3]);

/* Hue (fraction of the circle), saturation and value in [0, 1] to red, green and blue in [0, 1]. */
void color_hsv(double hue, double saturation, double value, float rgb[3]);

/* Luma (ITU-R BT.601) of red, green and blue. */
float color_luma(const float rgb[3]);

#endif
