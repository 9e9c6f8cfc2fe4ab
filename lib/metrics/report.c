/* report - a page of the scores of several runs */
#include "metrics/report.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The first cell of a row of a Markdown table, in which a bar would begin the next one. */
static void
write_label(const char *text, FILE *out)
{
	fputs("| ", out);
	for (; *text; text++)
		fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
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
		write_label(r->label, out);
		if (isnan(r->score.mean))
			fputs(" | not defined | ", out);
		else
			fprintf(out, " | %.1f | ", 100 * r->score.mean);
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
