/* sheet_part - what the files of sheet share: a cell with its marks, the legend */
#ifndef VIZ_SHEET_PART_H
#define VIZ_SHEET_PART_H

#include "viz/sheet.h"

enum { SHEET_PART_MARGIN = 12, SHEET_PART_GAP = 4 };	/* pixels */
extern const uint8_t sheet_part_ink[3];

/* A cell of width x height: a smaller image is enlarged as far as whole numbers go, and put in the middle; the marks over it. */
void sheet_part_cell(const struct image *to, int left, int top, int width, int height, const struct image *p, const struct sheet_marks *marks);

/* Draw marks over a cell, each pixel of its image `scale` wide. What reaches beyond the cell is cut off, a tag without room
   is left out. */
void sheet_part_marks(const struct image *cell, int scale, const struct sheet_marks *marks);

/* Where the legend goes: width of the sheet, its first row, pixels to a dot of a letter. */
struct sheet_part { int width, top, letter; };

/* Draw the legend (to NULL: only measure). Returns its height, 0 where there is none. */
int sheet_part_legend(const struct sheet *s, const struct image *to, const struct sheet_part *part);

#endif
