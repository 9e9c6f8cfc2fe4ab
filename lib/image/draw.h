/* draw - filled, enlarged, coloured and lettered rectangles on a picture; what lies outside it is cut off */
#ifndef IMAGE_DRAW_H
#define IMAGE_DRAW_H

#include "image/picture.h"

enum { DRAW_LETTER_WIDTH = 6, DRAW_LETTER_HEIGHT = 7 };	/* pixels of a letter with the gap behind it, at size 1 */

/* Fill a rectangle of a picture of 3 channels. */
void draw_fill(const struct picture *to, int left, int top, int width, int height, const uint8_t colour[3]);

/* Draw the four sides of a rectangle (ends outside), `thickness` pixels inwards, in dashes of `dash` pixels and gaps as
   long from the upper left; 0: whole lines. */
void draw_outline(const struct picture *to, int left, int top, int right, int bottom, int thickness, int dash, const uint8_t colour[3]);

/* Put a picture (grey or colour) at (left, top), each pixel `scale` times as wide and high. */
void draw_picture(const struct picture *to, int left, int top, const struct picture *from, int scale);

/* Mix a rectangle with a colour: 0 leaves it, 255 covers it. */
void draw_mix(const struct picture *to, int left, int top, int width, int height, const uint8_t colour[3], int cover);

/* Write a text in capital and small Latin letters, `size` pixels to a dot; other characters are a box. */
void draw_text(const struct picture *to, int left, int top, const char *text, int size, const uint8_t colour[3]);

/* Pixels that a text takes; letters of a text that fit into `width` pixels. */
int draw_text_width(const char *text, int size);
int draw_text_fit(int width, int size);

/* The colour of a value from 0 to 1 on a map from dark blue over green to yellow. */
void draw_heat(double x, uint8_t colour[3]);

#endif
