/* sheet - a contact sheet: a block of cells for each row added, blocks in columns

   margin | block | space | block | margin; above the first blocks the titles, below each block its caption. Pixels
   are repeated, never resampled: what is seen is what is there. */
#include "viz/sheet.h"
#include "base/err.h"
#include "viz/draw.h"
#include "viz/sheet_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MARGIN = SHEET_PART_MARGIN, GAP = SHEET_PART_GAP, SPACE = 16,	/* pixels: around all, between cells, between blocks */
	CELL = 128,	/* pixels that a cell has about, where no scale is given */
	LARGE = 120,	/* pixels of a cell from which letters are doubled: ten of them fit ("prediction") */
	CAPTION = 256	/* letters of a caption at most */
};
static const long PIXELS_MAX = 1L << 28;	/* of a sheet: 768 MiB while it is drawn */
static const uint8_t paper[3] = { 255, 255, 255 };

struct sheet_block {
	struct image cells[SHEET_CELLS_MAX];
	struct sheet_marks marks[SHEET_CELLS_MAX];
	const char *name, *key;
};

static struct sheet_marks
copy_marks(struct sheet *s, const struct sheet_marks *from)
{
	struct sheet_marks to = { from->count, arena_get(&s->arena, sizeof *to.list * (size_t)from->count) };
	int i;

	for (i = 0; i < to.count; i++) {
		to.list[i] = from->list[i];
		to.list[i].text = from->list[i].text ? arena_text(&s->arena, from->list[i].text) : NULL;
	}
	return to;
}

int
sheet_add(struct sheet *s, const struct image *cells, const struct sheet_marks *marks, const char *name, const char *key)
{
	struct sheet_block *b;
	int i, n = 0;

	s->blocks = mem_grow(s->blocks, sizeof *s->blocks * (size_t)(s->count + 1));
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
		return err(ERR_USAGE, "the sheet is too large at %d records: take fewer with --limit", s->count);
	return 0;
}

void
sheet_legend(struct sheet *s, const char *text, int rank, const uint8_t color[3])
{
	int i;

	for (i = 0; i < s->legend_count; i++)
		if (strcmp(s->legend[i].text, text) == 0 && memcmp(s->legend[i].color, color, sizeof s->legend[i].color) == 0)
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

/* What all parts are placed by. */
struct layout {
	int scale, cells, letter, title;	/* pixels to a dot of a caption's and of the titles' letters */
	int width, height;		/* of a cell */
	int line;			/* height of a line of text with the gap above it */
	long block_width, block_height, sheet_width, sheet_height;
	int legend;			/* height of all its lines */
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
	l.letter = l.width >= LARGE ? 2 : 1;
	l.title = l.letter;
	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		l.cells += s->used[i];
		if (s->used[i] && draw_text_width(s->titles[i], l.letter) > l.width)
			l.title = 1;
	}
	l.line = DRAW_LETTER_HEIGHT * l.letter + GAP;
	l.block_width = (long)l.cells * (l.width + GAP) - GAP;
	for (i = 0; i < s->count; i++) {
		const int name = s->blocks[i].name ? draw_text_width(s->blocks[i].name, 1) : 0, most = 2 * l.width;

		/* what is said of an image is read whole, unless it takes more than the room of two */
		if (l.block_width < (name < most ? name : most))
			l.block_width = name < most ? name : most;
	}
	l.block_height = (long)l.height + l.line;
	l.sheet_width = 2L * MARGIN + columns * (l.block_width + SPACE) - SPACE;
	l.sheet_height = 2L * MARGIN + l.line + rows * (l.block_height + SPACE) - SPACE;
	l.legend = sheet_part_legend(s, NULL, &(struct sheet_part){ (int)l.sheet_width, (int)l.sheet_height, l.letter });
	l.sheet_height += l.legend;
	return l;
}

/* "name  key", of the key the end that fits, or "na..". */
static void
draw_caption(const struct image *to, const struct layout *l, int left, int top, const struct sheet_block *b)
{
	const int letter = b->name && draw_text_width(b->name, l->letter) > l->block_width ? 1 : l->letter;
	const char *first = b->name ? b->name : b->key;
	int fit = draw_text_fit((int)l->block_width, letter), room, length = (int)strlen(b->key), whole = (int)strlen(first);
	char text[CAPTION];

	fit = fit < CAPTION ? fit : CAPTION - 1;
	room = fit - (b->name ? whole + 2 : 0);
	if (length <= room)
		snprintf(text, sizeof text, "%s%s%s", b->name ? b->name : "", b->name ? "  " : "", b->key);
	else if (room > 4)
		snprintf(text, sizeof text, "%s%s..%s", b->name ? b->name : "", b->name ? "  " : "", b->key + length - room + 2);
	else
		snprintf(text, sizeof text, "%.*s%s", whole <= fit ? whole : fit > 2 ? fit - 2 : fit, first, whole > fit && fit > 2 ? ".." : "");
	draw_text(to, left, top, text, letter, sheet_part_ink);
}

/* A block with its caption; the topmost of each column of blocks has the titles above it. */
static void
draw_block(const struct image *to, const struct sheet *s, const struct layout *l, int place)
{
	const struct sheet_block *b = &s->blocks[place];
	int left = MARGIN + (int)(place % s->columns * (l->block_width + SPACE)), x = left, i;
	int top = MARGIN + l->line + (int)(place / s->columns * (l->block_height + SPACE));

	for (i = 0; i < SHEET_CELLS_MAX; i++) {
		if (!s->used[i])
			continue;
		if (place < s->columns) {
			draw_text(to, x, MARGIN, s->titles[i], l->title, sheet_part_ink);
		}
		if (b->cells[i].pixels)
			sheet_part_cell(to, x, top, l->width, l->height, &b->cells[i], &b->marks[i]);
		x += l->width + GAP;
	}
	draw_caption(to, l, left, top + l->height + GAP, b);
}

int
sheet_draw(struct sheet *s, struct arena *a, struct image *drawn)
{
	struct layout l;
	int i;

	if (s->width == 0)
		return err(ERR_DATA, "nothing to show: no record has an image or attention");
	l = measure(s);
	if (l.sheet_width > PIXELS_MAX / l.sheet_height)
		return err(ERR_USAGE, "a sheet of %ld x %ld pixels is too large: take fewer records with --limit, or a smaller --scale", l.sheet_width, l.sheet_height);
	*drawn = image_new(a, (int)l.sheet_width, (int)l.sheet_height, 3);
	draw_fill(drawn, 0, 0, drawn->width, drawn->height, paper);
	for (i = 0; i < s->count; i++)
		draw_block(drawn, s, &l, i);
	sheet_part_legend(s, drawn, &(struct sheet_part){ drawn->width, drawn->height - l.legend, l.letter });
	return 0;
}

void
sheet_free(struct sheet *s)
{
	free(s->blocks);
	arena_free(&s->arena);
}
