/* sheet_part - what the files of sheet share: a cell with its marks, the legend */
#include "viz/sheet_part.h"
#include "viz/draw.h"

const uint8_t sheet_part_ink[3] = { 40, 40, 40 };

void
sheet_part_cell(const struct image *to, int left, int top, int width, int height, const struct image *p, const struct sheet_marks *marks)
{
	const int across = width / p->width, down = height / p->height, scale = across < down ? across : down;
	struct image cell;

	left += (width - p->width * scale) / 2;
	top += (height - p->height * scale) / 2;
	draw_image(to, left, top, p, scale);
	/* what reaches beyond the cell is cut off */
	cell = image_part(to, left, top, p->width * scale, p->height * scale);
	sheet_part_marks(&cell, scale, marks);
}

int
sheet_part_legend(const struct sheet *s, const struct image *to, const struct sheet_part *part)
{
	const int size = DRAW_LETTER_HEIGHT * part->letter, line = size + 2 * SHEET_PART_GAP;
	int i, x = SHEET_PART_MARGIN, y = part->top;

	for (i = 0; i < s->legend_count; i++) {
		const int width = size + SHEET_PART_GAP + draw_text_width(s->legend[i].text, part->letter) + SHEET_PART_MARGIN;

		if (x > SHEET_PART_MARGIN && x + width > part->width - SHEET_PART_MARGIN) {
			x = SHEET_PART_MARGIN;
			y += line;
		}
		if (to) {
			draw_fill(to, x, y, size, size, s->legend[i].color);
			draw_text(to, x + size + SHEET_PART_GAP, y, s->legend[i].text, part->letter, sheet_part_ink);
		}
		x += width;
	}
	return s->legend_count ? y + line - part->top : 0;
}
