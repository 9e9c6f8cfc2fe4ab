/* row_sheet - a contact sheet of images that are picked by their row in streams of features: a line for each query or
   group

   The images are the field `image` of the records, which are read a second time, so that only images on the sheet are
   ever in memory. */
#ifndef CLI_ROW_SHEET_H
#define CLI_ROW_SHEET_H

#include "base/err.h"
#include "base/mem.h"

#include <stddef.h>

struct row_sheet {
	struct row_sheet_cell *cells;	/* in the order of drawing */
	size_t room;
	long count;
	int lines;
	struct arena arena;
};

/* Begin a new line. */
void row_sheet_line(struct row_sheet *s);

/* Append an image to the line: row of the inputs `paths` (n; borrowed), with a caption (NULL: none) and a key (both
   copied). */
void row_sheet_put(struct row_sheet *s, char *const *paths, int n, long row, const char *caption, const char *key);

/* 0 if all inputs can be read twice, else -1 and err(ERR_USAGE). */
int row_sheet_check(char *const *paths, int n) ERR_CHECK;

/* Read the images and write the sheet to a file (.png or .jpg). Lines longer than 12 images are broken; larger images
   are reduced to 160 pixels. -1 and err(): ERR_DATA a record without an image; those of readers, sheets and files. */
int row_sheet_save(struct row_sheet *s, const char *path) ERR_CHECK;

void row_sheet_free(struct row_sheet *s);

#endif
