/* sheet - a contact sheet: a block of cells for each row added, blocks in columns

   margin | block | space | block | margin; above the first blocks the titles, below each block its caption. Pixels
   are repeated, never resampled: what is seen is what is there. */
#include "image/sheet.h"
#include "base/err.h"
#include "image/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARGIN = 12, GAP = 4, SPACE = 16,	/* pixels: around all, between cells, between blocks */
	CELL = 128,	/* pixels that a cell has about, where no scale is given */
	LARGE = 120,	/* pixels of a cell from which letters are doubled: ten of them fit ("prediction") */
	CAPTION = 256	/* letters of a caption at most */
};
static const long PIXELS_MAX = 1L << 28;	/* of a sheet: 768 MiB while it is drawn */
static const uint8_t paper[3] = { 255, 255, 255 }, ink[3] = { 40, 40, 40 };

struct sheet_block {
	struct picture cells[SHEET_CELLS_MAX];
	const char *name, *key;
};

int
sheet_add(struct sheet *s, const struct picture *cells, const char *name, const char *key)
{
	struct sheet_block *b;
	int i, n = 0;

	s->blocks = mem_grow(s->blocks, sizeof *s->blocks * (size_t)(s->count + 1));
	b = &s->blocks[s->count++];
	memset(b, 0, sizeof *b);
	b->name = name ? arena_text(&s->arena, name) : NULL;
	b->key = arena_text(&s->arena, key);
	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		const struct picture *p = &cells[i];

		if (!p->pixels)
			continue;
		b->cells[i] = picture_new(&s->arena, p->width, p->height, p->channels);
		picture_copy(&b->cells[i], p);
		s->width = p->width > s->width ? p->width : s->width;
		s->height = p->height > s->height ? p->height : s->height;
		s->used[i] = 1;
		n++;
	}
	if ((long)s->width * s->height > PIXELS_MAX / s->count / (n ? n : 1))
		return err(ERR_USAGE, "the sheet is too large at %d records: take fewer with --limit", s->count);
	return 0;
}

/* What all parts are placed by. */
struct layout {
	int scale, cells, letter;	/* letter: pixels to a dot */
	int width, height;		/* of a cell */
	int line;			/* height of a line of text with the gap above it */
	long block_width, block_height, sheet_width, sheet_height;
};

static struct layout
measure(const struct sheet *s)
{
	struct layout l = { .scale = s->scale };
	int i, larger = s->width > s->height ? s->width : s->height;
	long columns = s->columns < s->count ? s->columns : s->count, rows = (s->count + columns - 1) / columns;

	if (!l.scale)
		l.scale = larger < CELL ? (CELL + larger / 2) / larger : 1;
	for (i = 0; i < SHEET_CELLS_MAX; i++)
		l.cells += s->used[i];
	l.width = s->width * l.scale;
	l.height = s->height * l.scale;
	l.letter = l.width >= LARGE ? 2 : 1;
	l.line = DRAW_LETTER_HEIGHT * l.letter + GAP;
	l.block_width = (long)l.cells * (l.width + GAP) - GAP;
	l.block_height = (long)l.height + l.line;
	l.sheet_width = 2L * MARGIN + columns * (l.block_width + SPACE) - SPACE;
	l.sheet_height = 2L * MARGIN + l.line + rows * (l.block_height + SPACE) - SPACE;
	return l;
}

/* A cell smaller than the largest is enlarged as far as whole numbers go, and put in the middle. */
static void
draw_cell(const struct picture *to, const struct layout *l, int left, int top, const struct picture *p)
{
	int across = l->width / p->width, down = l->height / p->height, scale = across < down ? across : down;

	draw_picture(to, left + (l->width - p->width * scale) / 2, top + (l->height - p->height * scale) / 2, p, scale);
}

/* "name  key", of the key the end that fits. */
static void
draw_caption(const struct picture *to, const struct layout *l, int left, int top, const struct sheet_block *b)
{
	int fit = draw_text_fit((int)l->block_width, l->letter), room, length = (int)strlen(b->key);
	char text[CAPTION];

	fit = fit < CAPTION ? fit : CAPTION - 1;
	room = fit - (b->name ? (int)strlen(b->name) + 2 : 0);
	if (length <= room)
		snprintf(text, sizeof text, "%s%s%s", b->name ? b->name : "", b->name ? "  " : "", b->key);
	else if (room > 4)
		snprintf(text, sizeof text, "%s%s..%s", b->name ? b->name : "", b->name ? "  " : "", b->key + length - room + 2);
	else
		snprintf(text, (size_t)fit + 1, "%s", b->name ? b->name : b->key);
	draw_text(to, left, top, text, l->letter, ink);
}

/* A block with its caption; the topmost of each column of blocks has the titles above it. */
static void
draw_block(const struct picture *to, const struct sheet *s, const struct layout *l, int place)
{
	const struct sheet_block *b = &s->blocks[place];
	int left = MARGIN + (int)(place % s->columns * (l->block_width + SPACE)), x = left, i;
	int top = MARGIN + l->line + (int)(place / s->columns * (l->block_height + SPACE));

	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		if (!s->used[i])
			continue;
		if (place < s->columns) {
			int letter = draw_text_width(s->titles[i], l->letter) <= l->width ? l->letter : 1;

			draw_text(to, x, MARGIN, s->titles[i], letter, ink);
		}
		if (b->cells[i].pixels)
			draw_cell(to, l, x, top, &b->cells[i]);
		x += l->width + GAP;
	}
	draw_caption(to, l, left, top + l->height + GAP, b);
}

int
sheet_draw(struct sheet *s, struct arena *a, struct picture *drawn)
{
	struct layout l;
	int i;

	if (s->width == 0)
		return err(ERR_DATA, "nothing to show: no record has a picture or attention");
	l = measure(s);
	if (l.sheet_width > PIXELS_MAX / l.sheet_height)
		return err(ERR_USAGE, "a sheet of %ld x %ld pixels is too large: take fewer records with --limit, or a smaller --scale", l.sheet_width, l.sheet_height);
	*drawn = picture_new(a, (int)l.sheet_width, (int)l.sheet_height, 3);
	draw_fill(drawn, 0, 0, drawn->width, drawn->height, paper);
	for (i = 0; i < s->count; i++)
		draw_block(drawn, s, &l, i);
	return 0;
}

void
sheet_free(struct sheet *s)
{
	free(s->blocks);
	arena_free(&s->arena);
}
