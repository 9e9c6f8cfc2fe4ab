/* tscae-report - summarize the scores of many runs as a Markdown page: a row may have several seeds */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "metrics/report.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	bool table;
	const char *group;
} args;

static const struct cli cli = {
	"tscae-report", "summarize the scores of many runs as a Markdown page", "LIST",
	(const struct opt[]){
		{ 0, "table", OPT_FLAG, &args.table, 0, 0, "print tab-separated rows instead of the page", NULL },
		{ 0, "group", OPT_TEXT, &args.group, 0, 0, "report this group only", "TEXT" },
		{ 0 }
	}
};

/* the columns of the list */
enum { GROUP, LABEL, FILE_NAME, SELECT, PROTOCOL, COMMAND, COLUMNS };
static const char *const names[COLUMNS] = { "group", "label", "file", "select", "protocol", "command" };

/* A bound (`end`: "low" or "high") of the score in `row` and `column`: its column of that name, or, in a table of
   names and values, the row of its name with _low or _high. NAN if there is none. */
static double
read_bound(const struct tsv *t, int row, const char *column, const char *end)
{
	char *name;
	double x = NAN;
	int i;

	if (strcmp(column, "value") != 0) {
		i = tsv_column(t, end);
		if (i >= 0 && tsv_number(t, row, i, &x) < 0)
			die();
		return x;
	}
	name = mem_format("%s_%s", t->fields[(row + 1) * t->columns], end);
	for (i = 0; i < t->rows; i++)
		if (strcmp(t->fields[(i + 1) * t->columns], name) == 0 &&
			tsv_number(t, i, tsv_column(t, column), &x) < 0)
			die();
	free(name);
	return x;
}

/* Read the score that `select` (ROW/COLUMN) names in the table at `path`. */
static void
read_score(struct report_run *run, const char *path, const char *select)
{
	char *name = mem_text(select), *column = strrchr(name, '/');
	struct tsv t;
	int row, at;

	if (!column)
		die_with(ERR_DATA, "select: '%s' is not of the form ROW/COLUMN", select);
	*column++ = 0;
	if (tsv_read(&t, path) < 0 || (row = tsv_row(&t, name)) < 0)
		die();
	at = tsv_column(&t, column);
	if (at < 0)
		die_with(ERR_DATA, "%s: no column '%s'", path, column);
	if (tsv_number(&t, row, at, &run->value) < 0)
		die();
	/* tscae-eval: no ground truth that counts */
	if (run->value == -1)
		run->value = NAN;
	if (run->value < 0 || run->value > 1)
		die_with(ERR_DATA, "%s: row '%s' is %g, but scores are fractions from 0 to 1", path, name, run->value);
	run->low = read_bound(&t, row, column, "low");
	run->high = read_bound(&t, row, column, "high");
	tsv_free(&t);
	free(name);
}

int
main(int argc, char **argv)
{
	struct report_run *runs;
	struct report_row *rows;
	struct tsv list;
	char **operands;
	int column[COLUMNS], i, k, count = 0, row_count;

	if (cli_parse(&cli, argc, argv, &operands) != 1)
		die_with(ERR_USAGE, "one operand is required, LIST; try 'tscae-report --help'");
	if (tsv_read(&list, operands[0]) < 0)
		die();
	for (i = 0; i < COLUMNS; i++)
		if ((column[i] = tsv_column(&list, names[i])) < 0)
			die_with(ERR_DATA, "%s: no column '%s'", operands[0], names[i]);
	runs = mem_array((size_t)list.rows, sizeof *runs);
	for (i = 0; i < list.rows; i++) {
		const char *fields[COLUMNS];

		for (k = 0; k < COLUMNS; k++)
			fields[k] = list.fields[(i + 1) * list.columns + column[k]];
		if (args.group && strcmp(args.group, fields[GROUP]) != 0)
			continue;
		runs[count] = (struct report_run){
			.group = fields[GROUP], .label = fields[LABEL], .protocol = fields[PROTOCOL],
			.command = fields[COMMAND]
		};
		read_score(&runs[count++], fields[FILE_NAME], fields[SELECT]);
	}
	if (count == 0)
		die_with(ERR_DATA, "%s: no run of group '%s'", operands[0], args.group);
	rows = report_rows(runs, count, &row_count);
	(args.table ? report_table : report_write)(rows, row_count, stdout);
	die_flush();
	free(rows);
	free(runs);
	tsv_free(&list);
	return 0;
}
