/* draw - draw on an image: rectangles, enlarged images and a color map */
#include "viz/draw.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

void
draw_mix(const struct image *to, int left, int top, int width, int height, const uint8_t color[3], int opacity)
{
	int x, y, c, right = left + width < to->width ? left + width : to->width;
	int bottom = top + height < to->height ? top + height : to->height;

	assert(to->channels == 3);
	left = left < 0 ? 0 : left;
	for (y = top < 0 ? 0 : top; y < bottom; y++)
		for (x = left; x < right; x++) {
			uint8_t *pixel = image_row(to, y) + 3 * x;

			for (c = 0; c < 3; c++)
				pixel[c] = (uint8_t)((pixel[c] * (255 - opacity) + color[c] * opacity + 127) / 255);
		}
}

void
draw_fill(const struct image *to, int left, int top, int width, int height, const uint8_t color[3])
{
	draw_mix(to, left, top, width, height, color, 255);
}

/* Draw one edge of an outline, solid (dash 0) or dashed along its length. */
static void
draw_edge(const struct image *to, int left, int top, int width, int height, int dash, const uint8_t color[3])
{
	const bool across = width > height;
	const int length = across ? width : height;
	int i;

	if (!dash)
		draw_fill(to, left, top, width, height, color);
	for (i = 0; dash && i < length; i += 2 * dash) {
		const int end = i + dash < length ? dash : length - i;

		draw_fill(to, across ? left + i : left, across ? top : top + i, across ? end : width,
			across ? height : end, color);
	}
}

void
draw_outline(const struct image *to, int left, int top, int right, int bottom, int thickness, int dash,
	const uint8_t color[3])
{
	draw_edge(to, left, top, right - left, thickness, dash, color);
	draw_edge(to, left, bottom - thickness, right - left, thickness, dash, color);
	draw_edge(to, left, top, thickness, bottom - top, dash, color);
	draw_edge(to, right - thickness, top, thickness, bottom - top, dash, color);
}

void
draw_image(const struct image *to, int left, int top, const struct image *from, int scale)
{
	int x, y;

	for (y = 0; y < from->height; y++)
		for (x = 0; x < from->width; x++) {
			const uint8_t *pixel = image_row(from, y) + (size_t)from->channels * (size_t)x;
			uint8_t color[3] = { pixel[0], pixel[from->channels / 2], pixel[from->channels - 1] };

			draw_fill(to, left + x * scale, top + y * scale, scale, scale, color);
		}
}

/* Linear between five colors of increasing lightness: readable in gray print and with red-green color blindness. */
void
draw_heat(double x, uint8_t color[3])
{
	static const uint8_t stops[][3] = {
		{ 20, 16, 60 }, { 60, 70, 140 }, { 40, 140, 140 }, { 130, 200, 90 }, { 250, 230, 60 }
	};
	enum { INTERVALS = sizeof stops / sizeof *stops - 1 };
	double position = (x < 0 ? 0 : x > 1 ? 1 : x) * INTERVALS;
	int c, i = position < INTERVALS ? (int)position : INTERVALS - 1;

	for (c = 0; c < 3; c++)
		color[c] = (uint8_t)(stops[i][c] + (position - i) * (stops[i + 1][c] - stops[i][c]) + 0.5);
}
