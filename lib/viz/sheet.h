/* sheet - a contact sheet: a block of cells for each row added, blocks in columns, with titles, captions and a
   legend */
#ifndef VIZ_SHEET_H
#define VIZ_SHEET_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHEET_CELLS_MAX = 80 };	/* cells of a block: those of tscae-view and the heads of the largest model (64) */
enum { SHEET_LEGEND_MAX = 256 };

/* A rectangle drawn over an enlarged cell, in pixels of its image, with a label at a corner that has room for it. */
struct sheet_mark {
	float box[4];		/* left, top, right, bottom; right and bottom exclusive */
	uint8_t color[3];
	bool dashed;
	const char *text;	/* label, as "cat 0.87"; NULL: none */
};
struct sheet_marks { int count; struct sheet_mark *list; };

struct sheet {
	const char *titles[SHEET_CELLS_MAX];	/* borrowed; of each cell of a block */
	int scale;		/* pixels of the sheet for a pixel of a cell; 0: cells become about 128 pixels */
	int columns;		/* blocks in a row of the sheet; from 1 */
	struct arena arena;	/* owns what was added */
	struct sheet_block *blocks;
	size_t room;		/* of blocks */
	int count;
	int width, height;	/* of the largest cell so far, unscaled */
	unsigned char used[SHEET_CELLS_MAX];	/* 1: some block has this cell */
	int legend_count;
	struct {
		const char *text;
		int rank;
		uint8_t color[3];
	} legend[SHEET_LEGEND_MAX]; /* below all blocks, by rank */
};

/* Add a block; all is copied. cells: SHEET_CELLS_MAX images, without pixels: no cell. marks: of each cell; NULL: none.
   The caption is `name` (NULL: none) and `key`; a caption that is too long keeps the beginning of the name and the end
   of the key. -1 and err(ERR_USAGE): the sheet becomes too large. */
int sheet_add(struct sheet *s, const struct image *cells, const struct sheet_marks *marks, const char *name,
	const char *key) ERR_CHECK;

/* The sheet's copy of a cell of block `block`, from 0: what is painted on it is drawn. */
struct image *sheet_cell(struct sheet *s, int block, int cell);

/* Add a color and its meaning to the legend, unless it has this pair; entries beyond SHEET_LEGEND_MAX are dropped. */
void sheet_legend(struct sheet *s, const char *text, int rank, const uint8_t color[3]);

/* Draw the sheet with memory from the arena given; cells without an image in any block are left out. -1 and
   err(ERR_USAGE): too large; err(ERR_DATA): empty. */
int sheet_draw(struct sheet *s, struct arena *a, struct image *drawn) ERR_CHECK;

void sheet_free(struct sheet *s);

#endif
