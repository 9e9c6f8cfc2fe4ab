/* sheet - a contact sheet: a block of cells for each row added, blocks in columns, with titles and captions */
#ifndef VIZ_SHEET_H
#define VIZ_SHEET_H

#include "codec/image.h"

#include <stdbool.h>

enum { SHEET_CELLS_MAX = 80 };	/* cells of a block: those of tscae-view and the heads of the largest model (64) */
enum { SHEET_LEGEND_MAX = 256 };

/* A rectangle drawn over an enlarged cell, in pixels of its image, with a tag at one of its corners
   where there is room for it. */
struct sheet_mark {
	float box[4];		/* left, top, right, bottom, ends outside */
	uint8_t color[3];
	bool dashed;
	const char *text;	/* "cat 0.87"; NULL: none */
};
struct sheet_marks { int count; struct sheet_mark *list; };

struct sheet {
	const char *titles[SHEET_CELLS_MAX];	/* borrowed; of each cell of a block */
	int scale;		/* pixels to a pixel of the cells; 0: cells become about 128 pixels */
	int columns;		/* blocks side by side; from 1 */
	struct arena arena;	/* owns what was added */
	struct sheet_block *blocks;
	int count;
	int width, height;	/* of the largest cell so far, unscaled */
	unsigned char used[SHEET_CELLS_MAX];	/* has any block this cell? */
	int legend_count;
	struct { const char *text; int rank; uint8_t color[3]; } legend[SHEET_LEGEND_MAX];	/* what colors mean: below all blocks */
};

/* Add a block: its cells (SHEET_CELLS_MAX; pixels NULL: none), whose pixels are copied, what is drawn over each (NULL: nothing;
   copied too), and its caption: the beginning is kept where it is too long, of `key` the end. -1 and err(ERR_USAGE) where the sheet grows too large. */
int sheet_add(struct sheet *s, const struct image *cells, const struct sheet_marks *marks, const char *name, const char *key);

/* Say what a color means, unless it is said already; the legend is in the order of ranks. Beyond SHEET_LEGEND_MAX it is
   left out. */
void sheet_legend(struct sheet *s, const char *text, int rank, const uint8_t color[3]);

/* Draw it; memory from the arena given. Cells that no block has take no room. -1 and err(ERR_USAGE, ERR_DATA): too
   large, or empty. */
int sheet_draw(struct sheet *s, struct arena *a, struct image *drawn);

void sheet_free(struct sheet *s);

#endif
