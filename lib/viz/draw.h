/* draw - filled, enlarged, colored and lettered rectangles on an image; what lies outside it is cut off */
#ifndef VIZ_DRAW_H
#define VIZ_DRAW_H

#include "codec/image.h"

enum { DRAW_LETTER_WIDTH = 6, DRAW_LETTER_HEIGHT = 7 };	/* pixels of a letter with the gap behind it, at size 1 */

/* Fill a rectangle of an image of 3 channels. */
void draw_fill(const struct image *to, int left, int top, int width, int height, const uint8_t color[3]);

/* Draw the four sides of a rectangle (ends outside), `thickness` pixels inwards, in dashes of `dash` pixels and gaps as
   long from the upper left; 0: whole lines. */
void draw_outline(const struct image *to, int left, int top, int right, int bottom, int thickness, int dash, const uint8_t color[3]);

/* Put an image (gray or color) at (left, top), each pixel `scale` times as wide and high. */
void draw_image(const struct image *to, int left, int top, const struct image *from, int scale);

/* Mix a rectangle with a color: 0 leaves it, 255 covers it. */
void draw_mix(const struct image *to, int left, int top, int width, int height, const uint8_t color[3], int cover);

/* Write a text in capital and small Latin letters, `size` pixels to a dot; other characters are a box. */
void draw_text(const struct image *to, int left, int top, const char *text, int size, const uint8_t color[3]);

/* Pixels that a text takes; letters of a text that fit into `width` pixels. */
int draw_text_width(const char *text, int size);
int draw_text_fit(int width, int size);

/* The color of a value from 0 to 1 on a map from dark blue over green to yellow. */
void draw_heat(double x, uint8_t color[3]);

#endif
