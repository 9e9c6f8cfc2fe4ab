/* tsv - a tab-separated table with column names in its first line */
#include "metrics/tsv.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { TSV_BYTES_MAX = 64 << 20 };	/* upper limit of a table of scores */

static int
count_chars(const char *text, char what)
{
	int n = 0;

	for (; *text; text++)
		n += *text == what;
	return n;
}

/* Split a line into fields. */
static int
split_line(struct tsv *t, char *line, int row)
{
	int i;

	if (count_chars(line, '\t') + 1 != t->columns)
		return err(ERR_DATA, "%s:%d: %d fields, but %d names", t->path, row + 1, count_chars(line, '\t') + 1,
			t->columns);
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
	size_t size;
	char *text = file_read(path, TSV_BYTES_MAX, &size);

	*t = (struct tsv){ 0 };
	return text ? tsv_parse(t, path, text, size) : -1;
}

int
tsv_parse(struct tsv *t, const char *path, char *text, size_t size)
{
	char *line, *next, *end;
	int row = 0, result = 0;

	*t = (struct tsv){ .path = mem_text(path), .text = text };
	if (strlen(t->text) != size)
		result = err(ERR_DATA, "%s: not a table: it contains a zero byte (UTF-16? convert it to UTF-8)", path);
	else if (size == 0 || t->text[size - 1] != '\n')
		result = err(ERR_DATA, "%s: %s", path,
			size ? "the last line has no newline; the file is truncated" : "empty");
	for (line = t->text + utf8_mark(text, size); result == 0 && *line; line = next, row++) {
		end = line + strcspn(line, "\n");
		next = end + 1;
		if (end > line && end[-1] == '\r')
			end--;
		*end = 0;
		if (row == 0) {
			t->columns = count_chars(line, '\t') + 1;
			t->rows = count_chars(next, '\n');
			/* a tab or a newline ends each field */
			if ((size_t)t->columns > size / (size_t)(t->rows + 1)) {
				result = err(ERR_DATA, "%s: rows of fewer fields than the %d names", path, t->columns);
				break;
			}
			t->fields = mem_array(mem_product((size_t)(t->rows + 1), (size_t)t->columns),
			    sizeof *t->fields);
		}
		result = split_line(t, line, row);
	}
	if (result == 0 && t->rows == 0)
		result = err(ERR_DATA, "%s: no rows", path);
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

/* True if the text of `n` bytes is a field of the row. */
static bool
row_has(const struct tsv *t, int row, const char *text, size_t n)
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
tsv_row(const struct tsv *t, const char *texts)
{
	int row, found = -1;

	for (row = 0; row < t->rows; row++) {
		const char *text = texts;
		bool all = true;

		while (all && *text) {
			const size_t n = strcspn(text, ",");

			all = row_has(t, row, text, n);
			text += n + (text[n] == ',');
		}
		if (all && found >= 0)
			return err(ERR_DATA, "%s: several rows contain '%s'", t->path, texts);
		if (all)
			found = row;
	}
	return found < 0 ? err(ERR_DATA, "%s: no row contains '%s'", t->path, texts) : found;
}

int
tsv_number(const struct tsv *t, int row, int column, double *x)
{
	const char *text = t->fields[(row + 1) * t->columns + column];
	char *end;

	*x = strtod(text, &end);
	return end == text || *end || !isfinite(*x)
		? err(ERR_DATA, "%s: '%s' in column '%s' is not a number", t->path, text, t->fields[column]) : 0;
}

void
tsv_free(struct tsv *t)
{
	free(t->path);
	free(t->text);
	free(t->fields);
	*t = (struct tsv){ 0 };
}
