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

/* The 97.5 % point of Student's t distribution, from 1 degree of freedom on. Beyond the table: the expansion about the
   normal distribution of Abramowitz and Stegun, 26.7.5, to four digits. */
static double
student(int freedom)
{
	static const double table[] = {
		12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281
	};
	const double z = 1.959963984540054, n = freedom;

	if ((size_t)freedom <= sizeof table / sizeof *table)
		return table[freedom - 1];
	return z + (pow(z, 3) + z) / (4 * n) + (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * n * n) +
		(3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / (384 * n * n * n);
}

/* The mean of n values and its interval, which needs two values. */
static struct report_mean
mean_of(const double *x, int n)
{
	double sum = 0, squares = 0, mean, half;
	int i;

	for (i = 0; i < n; i++)
		sum += x[i];
	mean = n ? sum / n : NAN;
	for (i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	half = n > 1 ? student(n - 1) * sqrt(squares / (n - 1) / n) : NAN;
	return (struct report_mean){ mean, mean - half, mean + half };
}

static struct report_row *
find_row(struct report_row *rows, int *count, const struct report_run *r)
{
	int i;

	for (i = 0; i < *count; i++)
		if (strcmp(rows[i].group, r->group) == 0 && strcmp(rows[i].label, r->label) == 0)
			return &rows[i];
	rows[*count] = (struct report_row){ .group = r->group, .label = r->label, .protocol = r->protocol,
		.command = r->command };
	return &rows[(*count)++];
}

/* The values of the runs of a row in their order, and the last defined run. */
static const struct report_run *
row_values(const struct report_row *row, const struct report_run *runs, int count, double *values)
{
	const struct report_run *last = NULL;
	int i, n = 0;

	for (i = 0; i < count; i++)
		if (strcmp(runs[i].group, row->group) == 0 && strcmp(runs[i].label, row->label) == 0) {
			values[n++] = runs[i].value;
			if (!isnan(runs[i].value))
				last = &runs[i];
		}
	return last;
}

/* Move the defined values to the front; returns their number. */
static int
drop_undefined(double *x, int n)
{
	int i, kept = 0;

	for (i = 0; i < n; i++)
		if (!isnan(x[i]))
			x[kept++] = x[i];
	return kept;
}

/* Set the score and the difference of a row; x and y have room for all runs. */
static void
set_means(struct report_row *row, const struct report_row *first, const struct report_run *runs, int count, double *x,
	double *y)
{
	const struct report_run *last;
	int i, n;

	row->difference = (struct report_mean){ NAN, NAN, NAN };
	if (row != first && row->runs == first->runs) {
		row_values(first, runs, count, x);
		row_values(row, runs, count, y);
		for (i = 0; i < row->runs; i++)
			x[i] -= y[i];
		row->difference = mean_of(x, drop_undefined(x, row->runs));
	}
	last = row_values(row, runs, count, x);
	n = drop_undefined(x, row->runs);
	row->undefined = row->runs - n;
	row->score = mean_of(x, n);
	if (n == 1) {
		row->score.low = last->low;
		row->score.high = last->high;
	} else if (n > 1) {
		row->score.low = fmax(row->score.low, 0);
		row->score.high = fmin(row->score.high, 1);
	}
}

struct report_row *
report_rows(const struct report_run *runs, int count, int *rows)
{
	struct report_row *list = mem_array((size_t)(count + 1), sizeof *list);
	double *x = mem_array((size_t)count, sizeof *x), *y = mem_array((size_t)count, sizeof *y);
	int i, k;

	*rows = 0;
	for (i = 0; i < count; i++)
		find_row(list, rows, &runs[i])->runs++;
	for (i = 0; i < *rows; i++) {
		for (k = 0; strcmp(list[k].group, list[i].group) != 0; k++)
			;
		set_means(&list[i], &list[k], runs, count, x, y);
	}
	free(x);
	free(y);
	return list;
}

const char report_intervals[] =
	"Interval: of one run its 95 % interval over the test images (where the score has one); of several runs the "
	"95 % interval of their mean (Student's t). The last column is the first row minus this one, run by run, with "
	"the interval of the mean of the differences.";

void
report_difference(const struct report_row *row, FILE *out)
{
	const struct report_mean *d = &row->difference;

	if (!isnan(d->mean))
		fprintf(out, "%+.1f", 100 * d->mean);
	if (!isnan(d->low))
		fprintf(out, " (%+.1f to %+.1f)", 100 * d->low, 100 * d->high);
}

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

	fprintf(out, "## %s\n\n| | %% | 95 %% interval | runs | first row minus this one |\n|---|---|---|---|---|\n",
		rows[from].group);
	for (i = from; i < count; i++) {
		const struct report_row *r = &rows[i];

		if (strcmp(r->group, rows[from].group) != 0)
			continue;
		if (isnan(r->score.mean))
			fprintf(out, "| %s | not defined | ", r->label);
		else
			fprintf(out, "| %s | %.1f | ", r->label, 100 * r->score.mean);
		if (!isnan(r->score.low))
			fprintf(out, "%.1f to %.1f ", 100 * r->score.low, 100 * r->score.high);
		fprintf(out, "| %d |%s", r->runs - r->undefined, isnan(r->difference.mean) ? "" : " ");
		report_difference(r, out);
		fputs(" |\n", out);
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

	fprintf(out, "%s\n\n", report_intervals);
	for (i = 0; i < count; i++)
		if (report_group_begins(rows, i))
			write_group(rows, i, count, out);
}

void
report_table(const struct report_row *rows, int count, FILE *out)
{
	int i;

	fputs("group\tlabel\truns\tmean\tlow\thigh\tdifference\tdifference_low\tdifference_high\n", out);
	for (i = 0; i < count; i++) {
		const struct report_mean *s = &rows[i].score, *d = &rows[i].difference;
		const bool interval = !isnan(s->low);

		fprintf(out, "%s\t%s\t%d\t%.6f\t%.6f\t%.6f", rows[i].group, rows[i].label, rows[i].runs, s->mean,
			interval ? s->low : s->mean, interval ? s->high : s->mean);
		fprintf(out, "\t%.6f\t%.6f\t%.6f\n", d->mean, d->low, d->high);
	}
}
