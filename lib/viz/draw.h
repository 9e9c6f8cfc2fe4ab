/* draw - draw on an image: rectangles, enlarged images and a color map; clipped to the image */
#ifndef VIZ_DRAW_H
#define VIZ_DRAW_H

#include "codec/image.h"

#include <stdint.h>

/* Fill a rectangle of an image of 3 channels. */
void draw_fill(const struct image *to, int left, int top, int width, int height, const uint8_t color[3]);

/* Draw the outline of a rectangle (right and bottom exclusive), `thickness` pixels inward, in dashes and gaps of
   `dash` pixels; dash 0: solid lines. */
void draw_outline(const struct image *to, int left, int top, int right, int bottom, int thickness, int dash,
	const uint8_t color[3]);

/* Draw an image (gray or color) at (left, top), each pixel as a square of `scale` pixels. */
void draw_image(const struct image *to, int left, int top, const struct image *from, int scale);

/* Blend a rectangle with a color of opacity 0 .. 255. */
void draw_mix(const struct image *to, int left, int top, int width, int height, const uint8_t color[3], int opacity);

/* The color of a value from 0 to 1 on a color map from dark blue over green to yellow. */
void draw_heat(double x, uint8_t color[3]);

#endif
