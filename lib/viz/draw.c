/* draw - filled, enlarged, colored and lettered rectangles on an image */
#include "viz/draw.h"
#include "viz/font.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

void
draw_mix(const struct image *to, int left, int top, int width, int height, const uint8_t color[3], int cover)
{
	int x, y, c, right = left + width < to->width ? left + width : to->width;
	int bottom = top + height < to->height ? top + height : to->height;

	assert(to->channels == 3);
	left = left < 0 ? 0 : left;
	for (y = top < 0 ? 0 : top; y < bottom; y++)
		for (x = left; x < right; x++) {
			uint8_t *at = image_row(to, y) + 3 * x;

			for (c = 0; c < 3; c++)
				at[c] = (uint8_t)((at[c] * (255 - cover) + color[c] * cover + 127) / 255);
		}
}

void
draw_fill(const struct image *to, int left, int top, int width, int height, const uint8_t color[3])
{
	draw_mix(to, left, top, width, height, color, 255);
}

/* A side, or where it is dashed every other stretch of it along its length. */
static void
draw_side(const struct image *to, int left, int top, int width, int height, int dash, const uint8_t color[3])
{
	const bool across = width > height;
	const int length = across ? width : height;
	int at;

	if (!dash)
		draw_fill(to, left, top, width, height, color);
	for (at = 0; dash && at < length; at += 2 * dash) {
		const int end = at + dash < length ? dash : length - at;

		draw_fill(to, across ? left + at : left, across ? top : top + at, across ? end : width, across ? height : end, color);
	}
}

void
draw_outline(const struct image *to, int left, int top, int right, int bottom, int thickness, int dash, const uint8_t color[3])
{
	draw_side(to, left, top, right - left, thickness, dash, color);
	draw_side(to, left, bottom - thickness, right - left, thickness, dash, color);
	draw_side(to, left, top, thickness, bottom - top, dash, color);
	draw_side(to, right - thickness, top, thickness, bottom - top, dash, color);
}

void
draw_image(const struct image *to, int left, int top, const struct image *from, int scale)
{
	int x, y;

	for (y = 0; y < from->height; y++)
		for (x = 0; x < from->width; x++) {
			const uint8_t *at = image_row(from, y) + (size_t)from->channels * (size_t)x;
			uint8_t color[3] = { at[0], at[from->channels / 2], at[from->channels - 1] };

			draw_fill(to, left + x * scale, top + y * scale, scale, scale, color);
		}
}

void
draw_text(const struct image *to, int left, int top, const char *text, int size, const uint8_t color[3])
{
	const uint8_t *rows;
	size_t n;
	int x, y;

	for (; rows = font_letter(text, &n), n > 0; text += n, left += DRAW_LETTER_WIDTH * size)
		for (y = 0; y < FONT_HEIGHT; y++)
			for (x = 0; x < FONT_WIDTH; x++)
				if (rows[y] >> (FONT_WIDTH - 1 - x) & 1)
					draw_fill(to, left + x * size, top + y * size, size, size, color);
}

int
draw_text_width(const char *text, int size)
{
	int letters = 0;
	size_t n;

	for (; font_letter(text, &n), n > 0; text += n)
		letters++;
	return letters ? (letters * DRAW_LETTER_WIDTH - 1) * size : 0;
}

int
draw_text_fit(int width, int size)
{
	return (width / size + 1) / DRAW_LETTER_WIDTH;
}

/* Five supports between which colors are mixed: ever lighter, so that it reads in gray print and without green. */
void
draw_heat(double x, uint8_t color[3])
{
	static const uint8_t supports[][3] = { { 20, 16, 60 }, { 60, 70, 140 }, { 40, 140, 140 }, { 130, 200, 90 }, { 250, 230, 60 } };
	enum { SPANS = sizeof supports / sizeof *supports - 1 };
	double place = (x < 0 ? 0 : x > 1 ? 1 : x) * SPANS;
	int c, i = place < SPANS ? (int)place : SPANS - 1;

	for (c = 0; c < 3; c++)
		color[c] = (uint8_t)(supports[i][c] + (place - i) * (supports[i + 1][c] - supports[i][c]) + 0.5);
}
