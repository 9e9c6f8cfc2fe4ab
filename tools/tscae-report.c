/* tscae-report - scores of many runs as a page: several seeds in a row, with bounds, protocol and command */
#include "base/err.h"
#include "base/mem.h"
#include "metrics/report.h"
#include "metrics/tsv.h"
#include "cli/cli.h"
#include "cli/die.h"

#include <math.h>
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

/* The number in a column, or in the row of a table of names and values; NAN where there is no such place. */
static double
beside(const struct tsv *t, int row, const char *column, const char *end)
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
		if (strcmp(t->fields[(i + 1) * t->columns], name) == 0 && tsv_number(t, i, tsv_column(t, column), &x) < 0)
			die();
	free(name);
	return x;
}

/* Read the score that a line of the list means. */
static void
read_score(struct report_run *run, const char *path, const char *select)
{
	char *want = mem_text(select), *column = strrchr(want, '/');
	struct tsv t;
	int row, at;

	if (!column)
		die_with(ERR_DATA, "'%s' is not of the form ROW/COLUMN", select);
	*column++ = 0;
	if (tsv_read(&t, path) < 0 || (row = tsv_row(&t, want)) < 0)
		die();
	at = tsv_column(&t, column);
	if (at < 0)
		die_with(ERR_DATA, "%s: no column '%s'", path, column);
	if (tsv_number(&t, row, at, &run->value) < 0)
		die();
	/* tscae-eval's: no truth, or nothing that could be found */
	if (run->value == -1)
		run->value = NAN;
	if (run->value < 0 || run->value > 1)
		die_with(ERR_DATA, "%s: row '%s' is %g, but scores are shares of 1", path, want, run->value);
	run->low = beside(&t, row, column, "low");
	run->high = beside(&t, row, column, "high");
	tsv_free(&t);
	free(want);
}

int
main(int argc, char **argv)
{
	struct report_run *runs;
	struct report_row *rows;
	struct tsv list;
	char **operands;
	int column[COLUMNS], i, k, taken = 0, count;

	if (cli_parse(&cli, argc, argv, &operands) != 1)
		die_with(ERR_USAGE, "one operand is needed, LIST; try 'tscae-report --help'");
	if (tsv_read(&list, operands[0]) < 0)
		die();
	for (i = 0; i < COLUMNS; i++)
		if ((column[i] = tsv_column(&list, names[i])) < 0)
			die_with(ERR_DATA, "%s: no column '%s'", operands[0], names[i]);
	runs = mem_new(sizeof *runs * (size_t)list.rows);
	for (i = 0; i < list.rows; i++) {
		const char *fields[COLUMNS];

		for (k = 0; k < COLUMNS; k++)
			fields[k] = list.fields[(i + 1) * list.columns + column[k]];
		if (args.group && strcmp(args.group, fields[GROUP]) != 0)
			continue;
		runs[taken] = (struct report_run){ .group = fields[GROUP], .label = fields[LABEL], .protocol = fields[PROTOCOL], .command = fields[COMMAND] };
		read_score(&runs[taken++], fields[FILE_NAME], fields[SELECT]);
	}
	if (taken == 0)
		die_with(ERR_DATA, "%s: no run of group '%s'", operands[0], args.group);
	rows = report_rows(runs, taken, &count);
	(args.table ? report_table : report_write)(rows, count, stdout);
	die_flush();
	free(rows);
	free(runs);
	tsv_free(&list);
	return 0;
}
