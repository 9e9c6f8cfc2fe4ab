/* row_sheet - a contact sheet of images that are picked by their row in streams of features */
#include "cli/row_sheet.h"
#include "codec/image.h"
#include "codec/save.h"
#include "metrics/feature_source.h"
#include "stream/record.h"
#include "transform/resize.h"
#include "viz/contact_sheet.h"
#include "viz/sheet.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
	COLUMNS = 12,	/* images side by side, at most */
	SIDE = 160	/* pixels of the longer side of an image on the sheet, at most */
};

struct row_sheet_cell {
	char *const *paths;
	int n, line;
	long row;
	const char *caption, *key;
	struct image image;
};

void
row_sheet_line(struct row_sheet *s)
{
	s->lines++;
}

void
row_sheet_put(struct row_sheet *s, char *const *paths, int n, long row, const char *caption, const char *key)
{
	s->cells = mem_room(s->cells, &s->room, (size_t)s->count + 1, sizeof *s->cells);
	s->cells[s->count++] = (struct row_sheet_cell){ paths, n, s->lines - 1, row,
		caption ? arena_text(&s->arena, caption) : NULL, arena_text(&s->arena, key), { 0 } };
}

int
row_sheet_check(char *const *paths, int n)
{
	struct stat st;
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(paths[i], "-") == 0 || (stat(paths[i], &st) == 0 && !S_ISREG(st.st_mode)))
			return err(ERR_USAGE, "%s: --sheet reads its inputs twice; a regular file is required",
				strcmp(paths[i], "-") ? paths[i] : "standard input");
	return 0;
}

/* Copy the image of the current row, reduced. */
static int
read_image(struct row_sheet *s, const struct feature_source *from, struct image *to)
{
	struct arena work = { 0 };
	struct image p;
	int side;

	if (!from->record)
		return err(ERR_DATA, "%s: --sheet needs a stream with images; this is an array", from->path);
	if (!record_get(from->record, "image")) {
		err(ERR_DATA, "no field 'image'; compute the features without --drop-image");
		return record_blame(from->record, from->path);
	}
	if (contact_sheet_image(&work, from->record, "image", &p) < 0)
		return record_blame(from->record, from->path);
	side = p.width > p.height ? p.width : p.height;
	if (side <= SIDE) {
		*to = image_new(&s->arena, p.width, p.height, p.channels);
		image_copy(to, &p);
		arena_free(&work);
		return 0;
	}
	*to = image_new(&s->arena, (p.width * SIDE + side - 1) / side, (p.height * SIDE + side - 1) / side,
		p.channels);
	resize(&work, to, &p, NULL, RESIZE_BICUBIC);
	arena_free(&work);
	return 0;
}

/* Order of reading: inputs, then rows. */
static int
by_row(const void *pa, const void *pb)
{
	const struct row_sheet_cell *a = *(struct row_sheet_cell *const *)pa, *b = *(struct row_sheet_cell *const *)pb;

	return a->paths != b->paths ? (a->paths > b->paths) - (a->paths < b->paths)
		: (a->row > b->row) - (a->row < b->row);
}

/* Read the images of cells order[0 .. count-1], which have the same inputs. */
static int
read_inputs(struct row_sheet *s, struct row_sheet_cell *const *order, long count)
{
	struct feature_source from;
	struct image image = { 0 };
	long i = 0;
	int got = feature_source_open(&from, order[0]->paths, order[0]->n);

	while (got >= 0 && i < count && (got = feature_source_next(&from)) > 0) {
		if (from.row != order[i]->row)
			continue;
		got = read_image(s, &from, &image);
		for (; got >= 0 && i < count && order[i]->row == from.row; i++)
			order[i]->image = image;
	}
	if (got == 0 && i < count)
		got = err(ERR_INPUT, "%s: it became shorter while it was read", from.path);
	feature_source_close(&from);
	return got < 0 ? -1 : 0;
}

static int
read_images(struct row_sheet *s)
{
	struct row_sheet_cell **order = mem_array((size_t)s->count + 1, sizeof *order);
	long i, from;
	int result = 0;

	for (i = 0; i < s->count; i++)
		order[i] = &s->cells[i];
	qsort(order, (size_t)s->count, sizeof *order, by_row);
	for (from = 0; from < s->count && result == 0; from = i) {
		for (i = from; i < s->count && order[i]->paths == order[from]->paths; i++)
			;
		result = read_inputs(s, order + from, i - from);
	}
	free(order);
	return result;
}

/* Add all cells to a sheet, each line from the left border on. */
static int
add_cells(const struct row_sheet *s, struct sheet *sheet)
{
	struct image cells[SHEET_CELLS_MAX] = { 0 };
	long i, length = 0, longest = 1;

	for (i = 0; i < s->count; i++) {
		length = i && s->cells[i].line == s->cells[i - 1].line ? length + 1 : 1;
		longest = length > longest ? length : longest;
	}
	sheet->columns = longest < COLUMNS ? (int)longest : COLUMNS;
	for (i = 0; i < s->count; i++) {
		const struct row_sheet_cell *c = &s->cells[i];

		cells[0].pixels = NULL;
		while (i && c->line != s->cells[i - 1].line && sheet->count % sheet->columns)
			if (sheet_add(sheet, cells, NULL, NULL, "") < 0)
				return -1;
		cells[0] = c->image;
		if (sheet_add(sheet, cells, NULL, c->caption, c->key) < 0)
			return -1;
	}
	return 0;
}

int
row_sheet_save(struct row_sheet *s, const char *path)
{
	struct sheet sheet = { .titles = { "image" } };
	struct arena a = { 0 };
	struct image drawn;
	int result = -1;

	if (read_images(s) == 0 && add_cells(s, &sheet) == 0 && sheet_draw(&sheet, &a, &drawn) == 0)
		result = save_image(&a, path, &drawn, 95);	/* the quality keeps letters sharp in a JPEG file */
	sheet_free(&sheet);
	arena_free(&a);
	return result;
}

void
row_sheet_free(struct row_sheet *s)
{
	free(s->cells);
	arena_free(&s->arena);
	*s = (struct row_sheet){ 0 };
}
