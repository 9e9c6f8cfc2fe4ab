/* tone - what looks at each byte alone, or at how often each occurs: Pillow's ImageOps, to the last bit, in place */
#ifndef TRANSFORM_TONE_H
#define TRANSFORM_TONE_H

#include "codec/image.h"

void color_gray(const struct image *p);				/* all channels become the luma */
void color_solarize(const struct image *p, double threshold);	/* bytes from there on are inverted */
void color_posterize(const struct image *p, int bits);		/* only so many high bits stay, 0 .. 8 */
void color_autocontrast(const struct image *p);	/* each channel's least byte becomes 0, its largest 255 (autocontrast) */
void color_equalize(const struct image *p);	/* each channel's bytes become about equally frequent */

#endif
