/* report - tab-separated tables, and a page of the scores of several runs */
#include "metrics/report.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <math.h>
#include <stdbool.h>
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
	if (size == 0 || strlen(t->text) != size || t->text[size - 1] != '\n')
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
			t->fields = mem_array((size_t)(t->rows + 1) * (size_t)t->columns, sizeof *t->fields);
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

static struct report_row *
find_row(struct report_row *rows, int *count, const struct report_run *r)
{
	int i;

	for (i = 0; i < *count; i++)
		if (strcmp(rows[i].group, r->group) == 0 && strcmp(rows[i].label, r->label) == 0)
			return &rows[i];
	rows[*count] = (struct report_row){ .group = r->group, .label = r->label, .protocol = r->protocol,
		.command = r->command, .low = INFINITY, .high = -INFINITY };
	return &rows[(*count)++];
}

struct report_row *
report_rows(const struct report_run *runs, int count, int *rows)
{
	struct report_row *list = mem_array((size_t)(count + 1), sizeof *list), *row;
	int i;

	*rows = 0;
	for (i = 0; i < count; i++) {
		const struct report_run *r = &runs[i];

		row = find_row(list, rows, r);
		row->runs++;
		row->undefined += isnan(r->value);
		if (isnan(r->value))
			continue;
		row->mean += r->value;
		row->low = fmin(row->low, isnan(r->low) ? r->value : r->low);
		row->high = fmax(row->high, isnan(r->high) ? r->value : r->high);
	}
	for (i = 0; i < *rows; i++) {
		const int defined = list[i].runs - list[i].undefined;

		list[i].mean = defined ? list[i].mean / defined : NAN;
		if (!(list[i].low < list[i].high) && defined < 2)
			list[i].low = list[i].high = NAN;
	}
	return list;
}

const char report_bounds[] = "Bounds: of one run its 95 % interval over the test images (where the score has one); of "
	"several runs from the lowest to the highest of these.";

bool
report_group_begins(const struct report_row *rows, int i)
{
	int k;

	for (k = 0; k < i && strcmp(rows[k].group, rows[i].group) != 0; k++)
		;
	return k == i;
}

bool
report_protocol_listed(const struct report_row *rows, int i)
{
	int k;

	for (k = 0; k < i; k++)
		if (strcmp(rows[k].group, rows[i].group) == 0 && strcmp(rows[k].protocol, rows[i].protocol) == 0)
			return true;
	return false;
}

static void
write_group(const struct report_row *rows, int from, int count, FILE *out)
{
	int i;

	fprintf(out, "## %s\n\n| | %% | bounds | runs |\n|---|---|---|---|\n", rows[from].group);
	for (i = from; i < count; i++) {
		const struct report_row *r = &rows[i];

		if (strcmp(r->group, rows[from].group) != 0)
			continue;
		if (isnan(r->mean))
			fprintf(out, "| %s | not defined | ", r->label);
		else
			fprintf(out, "| %s | %.1f | ", r->label, 100 * r->mean);
		if (isnan(r->low))
			fputs("|", out);
		else
			fprintf(out, "%.1f to %.1f |", 100 * r->low, 100 * r->high);
		fprintf(out, " %d |\n", r->runs - r->undefined);
	}
	fputc('\n', out);
	for (i = from; i < count; i++)
		if (strcmp(rows[i].group, rows[from].group) == 0 && !report_protocol_listed(rows, i))
			fprintf(out, "%s\n", rows[i].protocol);
	fputs("\n```sh\n", out);
	for (i = from; i < count; i++)
		if (strcmp(rows[i].group, rows[from].group) == 0)
			fprintf(out, "%s\t# %s\n", rows[i].command, rows[i].label);
	fputs("```\n\n", out);
}

void
report_write(const struct report_row *rows, int count, FILE *out)
{
	int i;

	fprintf(out, "%s\n\n", report_bounds);
	for (i = 0; i < count; i++)
		if (report_group_begins(rows, i))
			write_group(rows, i, count, out);
}

void
report_table(const struct report_row *rows, int count, FILE *out)
{
	int i;

	fputs("group\tlabel\truns\tmean\tlow\thigh\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "%s\t%s\t%d\t%.6f\t%.6f\t%.6f\n", rows[i].group, rows[i].label, rows[i].runs, rows[i].mean,
			isnan(rows[i].low) ? rows[i].mean : rows[i].low,
			isnan(rows[i].low) ? rows[i].mean : rows[i].high);
}
