/* sheet_part - what the files of sheet share: a cell with its marks, the legend */
#include "image/sheet_part.h"
#include "image/draw.h"

const uint8_t sheet_part_ink[3] = { 40, 40, 40 };

/* A letter that is seen on the colour: black on light, white on dark (luma of ITU-R BT.601). */
static const uint8_t *
letter_on(const uint8_t colour[3])
{
	static const uint8_t black[3] = { 0, 0, 0 }, white[3] = { 255, 255, 255 };

	return 299 * colour[0] + 587 * colour[1] + 114 * colour[2] > 128 * 1000 ? black : white;
}

/* The box, and its text on its colour above it, or within where there is no room. */
static void
draw_mark(const struct picture *to, int left, int top, int scale, const struct sheet_mark *m)
{
	const int x = left + (int)(m->box[0] * (float)scale + 0.5f), y = top + (int)(m->box[1] * (float)scale + 0.5f);
	const int right = left + (int)(m->box[2] * (float)scale + 0.5f), bottom = top + (int)(m->box[3] * (float)scale + 0.5f);
	const int height = DRAW_LETTER_HEIGHT + 2;
	int above = y - height >= top ? y - height : y;

	draw_outline(to, x, y, right, bottom, 2, m->colour);
	if (!m->text)
		return;
	draw_fill(to, x, above, draw_text_width(m->text, 1) + 2, height, m->colour);
	draw_text(to, x + 1, above + 1, m->text, 1, letter_on(m->colour));
}

void
sheet_part_cell(const struct picture *to, int left, int top, int width, int height, const struct picture *p, const struct sheet_marks *marks)
{
	const int across = width / p->width, down = height / p->height, scale = across < down ? across : down;
	struct picture cell;
	int i;

	left += (width - p->width * scale) / 2;
	top += (height - p->height * scale) / 2;
	draw_picture(to, left, top, p, scale);
	/* what reaches beyond the cell is cut off */
	cell = picture_part(to, left, top, p->width * scale, p->height * scale);
	/* the first ones, which matter most, on top */
	for (i = marks->count - 1; i >= 0; i--)
		draw_mark(&cell, 0, 0, scale, &marks->list[i]);
}

int
sheet_part_legend(const struct sheet *s, const struct picture *to, const struct sheet_part *part)
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
			draw_fill(to, x, y, size, size, s->legend[i].colour);
			draw_text(to, x + size + SHEET_PART_GAP, y, s->legend[i].text, part->letter, sheet_part_ink);
		}
		x += width;
	}
	return s->legend_count ? y + line - part->top : 0;
}
