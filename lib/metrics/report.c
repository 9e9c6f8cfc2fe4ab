/* report - scores of many runs as a page: several runs of the same thing are one row with mean, bounds, how many */
#include "metrics/report.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

static struct report_row *
row_of(struct report_row *rows, int *count, const struct report_run *r)
{
	int i;

	for (i = 0; i < *count; i++)
		if (strcmp(rows[i].group, r->group) == 0 && strcmp(rows[i].label, r->label) == 0)
			return &rows[i];
	rows[*count] = (struct report_row){ .group = r->group, .label = r->label, .protocol = r->protocol, .command = r->command, .low = INFINITY, .high = -INFINITY };
	return &rows[(*count)++];
}

struct report_row *
report_rows(const struct report_run *runs, int count, int *rows)
{
	struct report_row *list = mem_new(sizeof *list * (size_t)(count + 1)), *row;
	int i;

	*rows = 0;
	for (i = 0; i < count; i++) {
		const struct report_run *r = &runs[i];

		row = row_of(list, rows, r);
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

/* Is there an earlier row of the group with the same protocol? */
static bool
said(const struct report_row *rows, int i)
{
	int k;

	for (k = 0; k < i; k++)
		if (strcmp(rows[k].group, rows[i].group) == 0 && strcmp(rows[k].protocol, rows[i].protocol) == 0)
			return true;
	return false;
}

static void
one_group(const struct report_row *rows, int from, int count, FILE *out)
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
		if (strcmp(rows[i].group, rows[from].group) == 0 && !said(rows, i))
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
	int i, k;

	fputs("Bounds: of one run its 95 % interval over the test images (where the score has one); of several runs from the lowest to the highest of these.\n\n", out);
	for (i = 0; i < count; i++) {
		for (k = 0; k < i && strcmp(rows[k].group, rows[i].group) != 0; k++)
			;
		if (k == i)
			one_group(rows, i, count, out);
	}
}

void
report_table(const struct report_row *rows, int count, FILE *out)
{
	int i;

	fputs("group\tlabel\truns\tmean\tlow\thigh\n", out);
	for (i = 0; i < count; i++)
		fprintf(out, "%s\t%s\t%d\t%.6f\t%.6f\t%.6f\n", rows[i].group, rows[i].label, rows[i].runs, rows[i].mean,
			isnan(rows[i].low) ? rows[i].mean : rows[i].low, isnan(rows[i].low) ? rows[i].mean : rows[i].high);
}
