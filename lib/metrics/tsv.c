/* tsv - a tab-separated table with a line of names, as tscae-probe and tscae-eval print it */
#include "metrics/tsv.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TSV_BYTES = 64 << 20 };	/* far above any table of scores */

static int
count(const char *text, char what)
{
	int n = 0;

	for (; *text; text++)
		n += *text == what;
	return n;
}

/* Cut a line into fields. */
static int
cut(struct tsv *t, char *line, int row)
{
	int i;

	if (count(line, '\t') + 1 != t->columns)
		return err(ERR_DATA, "%s:%d: %d fields, but %d names", t->path, row + 1, count(line, '\t') + 1, t->columns);
	for (i = 0; i < t->columns; i++) {
		t->fields[row * t->columns + i] = line;
		line += strcspn(line, "\t");
		*line++ = 0;
	}
	return 0;
}

int
tsv_read(struct tsv *t, const char *path)
{
	char *line, *next;
	size_t size;
	int row = 0, result = 0;

	*t = (struct tsv){ .text = file_read(path, TSV_BYTES, &size) };
	if (!t->text)
		return -1;
	t->path = mem_text(path);
	if (size == 0 || strlen(t->text) != size || t->text[size - 1] != '\n')
		result = err(ERR_DATA, "%s: %s", path, size ? "the last line has no end: cut short?" : "empty");
	for (line = t->text; result == 0 && *line; line = next, row++) {
		next = line + strcspn(line, "\n");
		*next++ = 0;
		if (row == 0) {
			t->columns = count(line, '\t') + 1;
			t->rows = count(next, '\n');
			t->fields = mem_new(sizeof *t->fields * (size_t)(t->rows + 1) * (size_t)t->columns);
		}
		result = cut(t, line, row);
	}
	if (result == 0 && t->rows == 0)
		result = err(ERR_DATA, "%s: no row", path);
	if (result < 0)
		tsv_free(t);
	return result;
}

int
tsv_column(const struct tsv *t, const char *name)
{
	int i;

	for (i = 0; i < t->columns; i++)
		if (strcmp(t->fields[i], name) == 0)
			return i;
	return -1;
}

/* Is the text, `n` bytes long, a field of the row? */
static bool
has(const struct tsv *t, int row, const char *text, size_t n)
{
	int i;

	for (i = 0; i < t->columns; i++) {
		const char *field = t->fields[(row + 1) * t->columns + i];

		if (strlen(field) == n && memcmp(field, text, n) == 0)
			return true;
	}
	return false;
}

int
tsv_row(const struct tsv *t, const char *want)
{
	int row, found = -1;

	for (row = 0; row < t->rows; row++) {
		const char *text = want;
		bool all = true;

		while (all && *text) {
			const size_t n = strcspn(text, ",");

			all = has(t, row, text, n);
			text += n + (text[n] == ',');
		}
		if (all && found >= 0)
			return err(ERR_DATA, "%s: several rows have %s", t->path, want);
		if (all)
			found = row;
	}
	return found < 0 ? err(ERR_DATA, "%s: no row has %s", t->path, want) : found;
}

int
tsv_number(const struct tsv *t, int row, int column, double *x)
{
	const char *text = t->fields[(row + 1) * t->columns + column];
	char *end;

	*x = strtod(text, &end);
	return end == text || *end || !isfinite(*x) ? err(ERR_DATA, "%s: '%s' in column %s is no number", t->path, text, t->fields[column]) : 0;
}

void
tsv_free(struct tsv *t)
{
	free(t->path);
	free(t->text);
	free(t->fields);
	*t = (struct tsv){ 0 };
}
