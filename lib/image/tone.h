/* tone - what looks at each byte alone, or at how often each occurs: Pillow's ImageOps, to the last bit, in place */
#ifndef IMAGE_TONE_H
#define IMAGE_TONE_H

#include "image/picture.h"

void tone_grey(const struct picture *p);				/* all channels become the luma */
void tone_solarise(const struct picture *p, double threshold);	/* bytes from there on are inverted */
void tone_posterise(const struct picture *p, int bits);		/* only so many high bits stay, 0 .. 8 */
void tone_stretch(const struct picture *p);	/* each channel's least byte becomes 0, its largest 255 (autocontrast) */
void tone_equalise(const struct picture *p);	/* each channel's bytes become about equally frequent */

#endif
