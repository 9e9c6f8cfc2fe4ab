/* sheet - a contact sheet: a block of cells for each row added, blocks in columns

   margin | block | space | block | margin; titles above the first blocks, a caption below each block, the legend at the
   bottom. Pixels are repeated, never resampled. Lines of marks stay thin and their labels small at any scale. */
#include "viz/sheet.h"
#include "base/err.h"
#include "base/utf8.h"
#include "viz/draw.h"
#include "viz/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARGIN = 12, GAP = 4, SPACE = 16,	/* pixels: around the sheet, between cells, between blocks */
	CELL = 128,	/* approximate size of a cell in pixels if no scale is given */
	TEXT = 12, LABEL = 11,	/* pixels: sizes of the font of titles, captions and the legend; of labels */
	CAPTION = 256,	/* bytes of a caption with its zero byte */
	KEY_LEAST = 40,	/* pixels of a key that is worth its place in a caption */
	PAD = 2,	/* pixels left and right of the text of a label */
	LINE = 2, DASH = 4	/* pixels: thickness of an outline; its dashes and gaps */
};
static const long PIXELS_MAX = 1L << 28;	/* of a sheet: 768 MiB while it is drawn */
static const uint8_t black[3] = { 0, 0, 0 }, white[3] = { 255, 255, 255 }, ink[3] = { 40, 40, 40 };

struct sheet_block {
	struct image cells[SHEET_CELLS_MAX];
	struct sheet_marks marks[SHEET_CELLS_MAX];
	const char *name, *key;
};

static struct sheet_marks
copy_marks(struct sheet *s, const struct sheet_marks *from)
{
	struct sheet_marks to = { from->count, arena_array(&s->arena, (size_t)from->count, sizeof *to.list) };
	int i;

	for (i = 0; i < to.count; i++) {
		to.list[i] = from->list[i];
		to.list[i].text = from->list[i].text ? arena_text(&s->arena, from->list[i].text) : NULL;
	}
	return to;
}

int
sheet_add(struct sheet *s, const struct image *cells, const struct sheet_marks *marks, const char *name,
	const char *key)
{
	struct sheet_block *b;
	int i, n = 0;

	s->blocks = mem_room(s->blocks, &s->room, (size_t)s->count + 1, sizeof *s->blocks);
	b = &s->blocks[s->count++];
	memset(b, 0, sizeof *b);
	b->name = name ? arena_text(&s->arena, name) : NULL;
	b->key = arena_text(&s->arena, key);
	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		const struct image *p = &cells[i];

		if (!p->pixels)
			continue;
		b->cells[i] = image_new(&s->arena, p->width, p->height, p->channels);
		image_copy(&b->cells[i], p);
		if (marks && marks[i].count)
			b->marks[i] = copy_marks(s, &marks[i]);
		s->width = p->width > s->width ? p->width : s->width;
		s->height = p->height > s->height ? p->height : s->height;
		s->used[i] = 1;
		n++;
	}
	if ((long)s->width * s->height > PIXELS_MAX / s->count / (n ? n : 1))
		return err(ERR_USAGE, "the sheet is too large at %d records; use --limit for fewer", s->count);
	return 0;
}

struct image *
sheet_cell(struct sheet *s, int block, int cell)
{
	return &s->blocks[block].cells[cell];
}

void
sheet_legend(struct sheet *s, const char *text, int rank, const uint8_t color[3])
{
	int i;

	for (i = 0; i < s->legend_count; i++)
		if (strcmp(s->legend[i].text, text) == 0 &&
			memcmp(s->legend[i].color, color, sizeof s->legend[i].color) == 0)
			return;
	if (i == SHEET_LEGEND_MAX)
		return;
	for (; i > 0 && s->legend[i - 1].rank > rank; i--)
		s->legend[i] = s->legend[i - 1];
	s->legend[i].text = arena_text(&s->arena, text);
	s->legend[i].rank = rank;
	memcpy(s->legend[i].color, color, sizeof s->legend[i].color);
	s->legend_count++;
}

/* Right and bottom are exclusive. */
struct rectangle { int left, top, right, bottom; };

/* A color for letters on a background: black on light, white on dark (luma of ITU-R BT.601). */
static const uint8_t *
contrasting(const uint8_t color[3])
{
	return 299 * color[0] + 587 * color[1] + 114 * color[2] > 128 * 1000 ? black : white;
}

/* A coordinate of the image in pixels of the enlarged cell, at most a cell outside of it: farther is invisible. */
static int
scaled(float x, int scale, int cell)
{
	return (int)fminf(fmaxf(floorf(x * (float)scale + 0.5f), (float)-cell), (float)(2 * cell));
}

static struct rectangle
frame(const struct image *cell, int scale, const struct sheet_mark *m)
{
	return (struct rectangle){ scaled(m->box[0], scale, cell->width), scaled(m->box[1], scale, cell->height),
		scaled(m->box[2], scale, cell->width), scaled(m->box[3], scale, cell->height) };
}

static bool
overlap(const struct rectangle *a, const struct rectangle *b)
{
	return a->left < b->right && b->left < a->right && a->top < b->bottom && b->top < a->bottom;
}

/* Find room for a label: above the box, in its corners or below it, the first that is free. False: no room. */
static bool
find_room(const struct image *cell, const struct rectangle *box, int width, int height,
	const struct rectangle *labels, int count, struct rectangle *label)
{
	const int tops[] = { box->top - height, box->top, box->bottom - height, box->bottom };
	const int max = cell->width > width ? cell->width - width : 0;
	int i, k;

	for (k = 0; k < (int)(sizeof tops / sizeof *tops); k++) {
		const int left = box->left < 0 ? 0 : box->left < max ? box->left : max;

		*label = (struct rectangle){ left, tops[k], left + width, tops[k] + height };
		for (i = 0; i < count && !overlap(label, &labels[i]); i++)
			;
		if (i == count && label->top >= 0 && label->bottom <= cell->height)
			return true;
	}
	return false;
}

/* Draw the labels of visible boxes, the first ones first; a label without room is left out. */
static void
draw_labels(const struct image *cell, int scale, const struct sheet_marks *marks)
{
	const struct rectangle all = { 0, 0, cell->width, cell->height };
	const int height = text_height(LABEL);
	struct rectangle *labels = mem_array((size_t)marks->count + 1, sizeof *labels);
	int i, n = 0;

	for (i = 0; i < marks->count; i++) {
		const struct sheet_mark *m = &marks->list[i];
		const struct rectangle box = frame(cell, scale, m);
		const int width = m->text ? text_width(m->text, LABEL) + 2 * PAD : 0;
		struct rectangle *label = &labels[n];

		if (!m->text || !overlap(&box, &all) || !find_room(cell, &box, width, height, labels, n, label))
			continue;
		draw_fill(cell, label->left, label->top, width, height, m->color);
		text_draw(cell, label->left + PAD, label->top, m->text, LABEL, contrasting(m->color));
		n++;
	}
	free(labels);
}

/* Draw marks over a cell, each pixel of its image `scale` wide, clipped to the cell. */
static void
draw_marks(const struct image *cell, int scale, const struct sheet_marks *marks)
{
	int i;

	/* the first ones, which matter most, on top */
	for (i = marks->count - 1; i >= 0; i--) {
		const struct sheet_mark *m = &marks->list[i];
		const struct rectangle box = frame(cell, scale, m);

		/* a contrasting color between the dashes: visible on any image */
		if (m->dashed)
			draw_outline(cell, box.left, box.top, box.right, box.bottom, LINE, 0, contrasting(m->color));
		draw_outline(cell, box.left, box.top, box.right, box.bottom, LINE, m->dashed ? DASH : 0, m->color);
	}
	draw_labels(cell, scale, marks);
}

/* Draw a cell of width x height: an image, enlarged by an integer as far as it fits and centered, with its marks. */
static void
draw_cell(const struct image *to, int left, int top, int width, int height, const struct image *p,
	const struct sheet_marks *marks)
{
	const int across = width / p->width, down = height / p->height, scale = across < down ? across : down;
	struct image cell;

	left += (width - p->width * scale) / 2;
	top += (height - p->height * scale) / 2;
	draw_image(to, left, top, p, scale);
	cell = image_part(to, left, top, p->width * scale, p->height * scale);
	draw_marks(&cell, scale, marks);
}

/* Draw the legend from row `top` of a sheet of that width (to NULL: only measure). Returns its height, 0: no legend. */
static int
draw_legend(const struct sheet *s, const struct image *to, int width, int top)
{
	const int size = text_height(TEXT), line = size + GAP;
	int i, x = MARGIN, y = top;

	for (i = 0; i < s->legend_count; i++) {
		const int entry = size + GAP + text_width(s->legend[i].text, TEXT) + MARGIN;

		if (x > MARGIN && x + entry > width - MARGIN) {
			x = MARGIN;
			y += line;
		}
		if (to) {
			draw_fill(to, x, y, size, size, s->legend[i].color);
			text_draw(to, x + size + GAP, y, s->legend[i].text, TEXT, ink);
		}
		x += entry;
	}
	return s->legend_count ? y + line - top : 0;
}

/* Sizes in pixels. */
struct layout {
	int scale, cells;		/* cells of a block */
	int width, height;		/* of a cell */
	int column;			/* width of a cell or of the longest title */
	int line;			/* height of a line of text with the gap above it */
	long block_width, block_height, sheet_width, sheet_height;
	int legend;			/* height of the legend */
};

static struct layout
measure(const struct sheet *s)
{
	struct layout l = { .scale = s->scale };
	int i, larger = s->width > s->height ? s->width : s->height;
	long columns = s->columns < s->count ? s->columns : s->count, rows = (s->count + columns - 1) / columns;

	if (!l.scale)
		l.scale = larger < CELL ? (CELL + larger / 2) / larger : 1;
	l.width = s->width * l.scale;
	l.height = s->height * l.scale;
	l.column = l.width;
	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		const int title = s->used[i] ? text_width(s->titles[i], TEXT) : 0;

		l.cells += s->used[i];
		l.column = title > l.column ? title : l.column;
	}
	l.line = text_height(TEXT) + GAP;
	l.block_width = (long)l.cells * (l.column + GAP) - GAP;
	for (i = 0; i < s->count; i++) {
		const int name = s->blocks[i].name ? text_width(s->blocks[i].name, TEXT) : 0, max = 2 * l.column;

		/* a block is as wide as its name, up to two cells */
		if (l.block_width < (name < max ? name : max))
			l.block_width = name < max ? name : max;
	}
	l.block_height = (long)l.height + l.line;
	l.sheet_width = 2L * MARGIN + columns * (l.block_width + SPACE) - SPACE;
	l.sheet_height = 2L * MARGIN + l.line + rows * (l.block_height + SPACE) - SPACE;
	l.legend = draw_legend(s, NULL, (int)l.sheet_width, (int)l.sheet_height);
	l.sheet_height += l.legend;
	return l;
}

/* Draw "name  key", with the end of the key that fits, or the beginning of the name. */
static void
draw_caption(const struct image *to, const struct layout *l, int left, int top, const struct sheet_block *b)
{
	const char *name = b->name ? b->name : "", *gap = b->name ? "  " : "", *key = b->key;
	const char *first = b->name ? name : key;
	const int dots = text_width("..", TEXT), width = (int)l->block_width,
		room = width - text_width(name, TEXT) - text_width(gap, TEXT);
	char text[CAPTION];

	if (text_width(key, TEXT) <= room)
		snprintf(text, sizeof text, "%s%s%s", name, gap, key);
	else if (room - dots > KEY_LEAST) {
		while (text_width(key, TEXT) > room - dots) {
			const size_t n = utf8_length(key, strlen(key));

			key += n ? n : 1;
		}
		snprintf(text, sizeof text, "%s%s..%s", name, gap, key);
	} else
		snprintf(text, sizeof text, "%.*s..", text_fit(first, width - dots, TEXT), first);
	text_draw(to, left, top, text, TEXT, ink);
}

/* Draw a block with its caption; the blocks of the first row have the titles above them. */
static void
draw_block(const struct image *to, const struct sheet *s, const struct layout *l, int index)
{
	const struct sheet_block *b = &s->blocks[index];
	int left = MARGIN + (int)(index % s->columns * (l->block_width + SPACE)), x = left, i;
	int top = MARGIN + l->line + (int)(index / s->columns * (l->block_height + SPACE));

	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		if (!s->used[i])
			continue;
		if (index < s->columns)
			text_draw(to, x, MARGIN, s->titles[i], TEXT, ink);
		if (b->cells[i].pixels)
			draw_cell(to, x, top, l->width, l->height, &b->cells[i], &b->marks[i]);
		x += l->column + GAP;
	}
	draw_caption(to, l, left, top + l->height + GAP, b);
}

int
sheet_draw(struct sheet *s, struct arena *a, struct image *drawn)
{
	struct layout l;
	int i;

	if (s->width == 0)
		return err(ERR_DATA, "nothing to draw: no record has an image or attention");
	l = measure(s);
	if (l.sheet_width > PIXELS_MAX / l.sheet_height)
		return err(ERR_USAGE, "a sheet of %ld x %ld pixels is too large; use --limit or a smaller --scale",
			l.sheet_width, l.sheet_height);
	*drawn = image_new(a, (int)l.sheet_width, (int)l.sheet_height, 3);
	draw_fill(drawn, 0, 0, drawn->width, drawn->height, white);
	for (i = 0; i < s->count; i++)
		draw_block(drawn, s, &l, i);
	draw_legend(s, drawn, drawn->width, drawn->height - l.legend);
	return 0;
}

void
sheet_free(struct sheet *s)
{
	free(s->blocks);
	arena_free(&s->arena);
}
