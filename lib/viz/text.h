/* text - draw text on an image, proportional and anti-aliased, through FreeType in the font of the build (DejaVu Sans),
   which is part of the library: no font file is read */
#ifndef VIZ_TEXT_H
#define VIZ_TEXT_H

#include "codec/image.h"

#include <stdint.h>

/* Draw UTF-8 text of one thread in a font of `size` pixels (an em) on an image of 3 channels, clipped to it; `top` is
   the top of the line. A character that the font does not have is a box. */
void text_draw(const struct image *to, int left, int top, const char *text, int size, const uint8_t color[3]);

/* Width of a text in pixels. */
int text_width(const char *text, int size);

/* Height of a line in pixels: from the top of its capital letters to the bottom of its descenders, and two more. */
int text_height(int size);

/* Bytes of the longest beginning of a text, in whole characters, that is at most `width` pixels wide. */
int text_fit(const char *text, int width, int size);

#endif
