/* sheet_part_mark - boxes over an enlarged cell and their tags: lines stay thin and letters small whatever the scale */
#include "base/mem.h"
#include "viz/draw.h"
#include "viz/sheet_part.h"

#include <math.h>
#include <stdlib.h>

enum { LINE = 2, DASH = 4 };	/* pixels: of an outline, of its dashes and gaps */
enum { TAG_LARGE = 320 };	/* pixels of a cell from which the letters of tags are doubled: five tags of five letters side by side */

/* Ends outside. */
struct rectangle { int left, top, right, bottom; };

/* A letter that is seen on the color: black on light, white on dark (luma of ITU-R BT.601). */
static const uint8_t *
letter_on(const uint8_t color[3])
{
	static const uint8_t black[3] = { 0, 0, 0 }, white[3] = { 255, 255, 255 };

	return 299 * color[0] + 587 * color[1] + 114 * color[2] > 128 * 1000 ? black : white;
}

/* A pixel of the image as a pixel of the cell, no farther outside than a cell: what lies beyond is not seen. */
static int
place(float pixel, int scale, int cell)
{
	const float at = floorf(pixel * (float)scale + 0.5f);

	return (int)fminf(fmaxf(at, (float)-cell), (float)(2 * cell));
}

static struct rectangle
frame(const struct image *cell, int scale, const struct sheet_mark *m)
{
	return (struct rectangle){ place(m->box[0], scale, cell->width), place(m->box[1], scale, cell->height),
		place(m->box[2], scale, cell->width), place(m->box[3], scale, cell->height) };
}

static bool
overlap(const struct rectangle *a, const struct rectangle *b)
{
	return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Put a tag above the box, into its corners or below it, the first place that is free. Is there one? */
static bool
put_tag(const struct image *cell, const struct rectangle *box, int width, int height, const struct rectangle *tags, int count, struct rectangle *tag)
{
	const int tops[] = { box->top - height, box->top, box->bottom - height, box->bottom };
	const int most = cell->width > width ? cell->width - width : 0;
	int i, k;

	for (k = 0; k < (int)(sizeof tops / sizeof *tops); k++) {
		const int left = box->left < 0 ? 0 : box->left < most ? box->left : most;

		*tag = (struct rectangle){ left, tops[k], left + width, tops[k] + height };
		for (i = 0; i < count && !overlap(tag, &tags[i]); i++)
			;
		if (i == count && tag->top >= 0 && tag->bottom <= cell->height)
			return true;
	}
	return false;
}

/* The tags of boxes that are seen, the first ones first; one without room is left out. */
static void
draw_tags(const struct image *cell, int scale, const struct sheet_marks *marks)
{
	const struct rectangle all = { 0, 0, cell->width, cell->height };
	const int letter = cell->width < TAG_LARGE ? 1 : 2, height = (DRAW_LETTER_HEIGHT + 2) * letter;
	struct rectangle *tags = mem_new(sizeof *tags * (size_t)(marks->count + 1));
	int i, n = 0;

	for (i = 0; i < marks->count; i++) {
		const struct sheet_mark *m = &marks->list[i];
		const struct rectangle box = frame(cell, scale, m);
		struct rectangle *tag = &tags[n];

		if (!m->text || !overlap(&box, &all) || !put_tag(cell, &box, draw_text_width(m->text, letter) + 2 * letter, height, tags, n, tag))
			continue;
		draw_fill(cell, tag->left, tag->top, tag->right - tag->left, height, m->color);
		draw_text(cell, tag->left + letter, tag->top + letter, m->text, letter, letter_on(m->color));
		n++;
	}
	free(tags);
}

void
sheet_part_marks(const struct image *cell, int scale, const struct sheet_marks *marks)
{
	int i;

	/* the first ones, which matter most, on top */
	for (i = marks->count - 1; i >= 0; i--) {
		const struct sheet_mark *m = &marks->list[i];
		const struct rectangle box = frame(cell, scale, m);

		/* between dashes what differs most, to be seen on any image */
		if (m->dashed)
			draw_outline(cell, box.left, box.top, box.right, box.bottom, LINE, 0, letter_on(m->color));
		draw_outline(cell, box.left, box.top, box.right, box.bottom, LINE, m->dashed ? DASH : 0, m->color);
	}
	draw_tags(cell, scale, marks);
}
