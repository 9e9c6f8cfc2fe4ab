/* tscae-report - summarize runs as a page: scores in Markdown; curves, scores and contact sheets in HTML */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "codec/decode.h"
#include "metrics/report.h"
#include "metrics/report_html.h"
#include "metrics/tsv.h"
#include "train/log.h"
#include "train/run_dir.h"
#include "viz/html.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
	bool table, html;
	const char *group, *title, *output;
	long refresh;
} args = { .title = "Report", .output = "-" };

static const struct cli cli = {
	"tscae-report", "summarize runs as a page, in Markdown or HTML", "LIST | --html RUN|LIST|IMAGE ...",
	(const struct opt[]){
		{ 0, "table", OPT_FLAG, &args.table, 0, 0, "print tab-separated rows instead of the page", NULL },
		{ 0, "group", OPT_TEXT, &args.group, 0, 0, "report this group only", "TEXT" },
		{ 0, "html", OPT_FLAG, &args.html, 0, 0,
			"write one HTML page of runs (directories), lists of scores and images (PNG, JPEG)", NULL },
		{ 0, "title", OPT_TEXT, &args.title, 0, 0, "title of the HTML page", "TEXT" },
		{ 0, "refresh", OPT_INT, &args.refresh, 0, 86400,
			"write the page every N seconds while the runs train (0: once)", "N" },
		{ 'o', "output", OPT_PATH, &args.output, 0, 0, "output file (-: standard output)", "FILE" },
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
	/* tscae-eval prints nan for undefined scores, or -1 where COCO's have no ground truth that counts */
	if (strcmp(t.fields[(row + 1) * t.columns + at], "nan") == 0)
		run->value = NAN;
	else if (tsv_number(&t, row, at, &run->value) < 0)
		die();
	if (run->value == -1)
		run->value = NAN;
	if (run->value < 0 || run->value > 1)
		die_with(ERR_DATA, "%s: row '%s' is %g, but scores are fractions from 0 to 1", path, name, run->value);
	run->low = read_bound(&t, row, column, "low");
	run->high = read_bound(&t, row, column, "high");
	if (!isnan(run->value) &&
		(run->low < 0 || run->low > run->value || run->high < run->value || run->high > 1))
		die_with(ERR_DATA, "%s: row '%s': %g is not in its interval from %g to %g, within 0 to 1", path, name,
			run->value, run->low, run->high);
	tsv_free(&t);
	free(name);
}

/* The rows of the list at `path`, of the group of --group; free() them, and what they borrow from `list`. */
static struct report_row *
read_list(const char *path, struct tsv *list, int *row_count)
{
	struct report_run *runs;
	struct report_row *rows;
	int column[COLUMNS], i, k, count = 0;

	if (tsv_read(list, path) < 0)
		die();
	for (i = 0; i < COLUMNS; i++)
		if ((column[i] = tsv_column(list, names[i])) < 0)
			die_with(ERR_DATA, "%s: no column '%s'", path, names[i]);
	runs = mem_array((size_t)list->rows, sizeof *runs);
	for (i = 0; i < list->rows; i++) {
		const char *fields[COLUMNS];

		for (k = 0; k < COLUMNS; k++)
			fields[k] = list->fields[(i + 1) * list->columns + column[k]];
		if (args.group && strcmp(args.group, fields[GROUP]) != 0)
			continue;
		runs[count] = (struct report_run){
			.group = fields[GROUP], .label = fields[LABEL], .protocol = fields[PROTOCOL],
			.command = fields[COMMAND]
		};
		read_score(&runs[count++], fields[FILE_NAME], fields[SELECT]);
	}
	if (count == 0)
		die_with(ERR_DATA, "%s: no run of group '%s'", path, args.group);
	rows = report_rows(runs, count, row_count);
	free(runs);
	return rows;
}

enum operand { RUN, SCORES, IMAGE };

static enum operand
kind_of(const char *path)
{
	struct stat s;

	if (stat(path, &s) == 0 && S_ISDIR(s.st_mode))
		return RUN;
	return decode_has_suffix(path) ? IMAGE : SCORES;
}

/* The log of a run in `steps`, which tsv_free() frees. A run that has begun without a first step is no error while the
   page is refreshed. */
static struct report_log
read_log(const char *run, struct tsv *steps)
{
	enum { POINTS = 300 };
	struct report_log log = { run, NULL, run_dir_locked(run) };
	struct mem_stream m;
	int result;

	mem_stream_open(&m);
	*steps = (struct tsv){ 0 };
	result = log_write_table(run, POINTS, m.file);
	mem_stream_close(&m);
	if (result == 0 && tsv_parse(steps, run, m.text, m.size) == 0)
		log.steps = steps;
	else if (result < 0)
		free(m.text);
	if (!log.steps && !(args.refresh && log.training))
		die();
	return log;
}

/* Write the page of all operands. Returns true if one of the runs trains. */
static bool
write_html(char **operands, int count, FILE *out)
{
	struct report_log *logs = mem_array((size_t)count, sizeof *logs);
	struct tsv *tables = mem_array((size_t)count, sizeof *tables), list;
	bool training = false;
	int i, runs = 0, rows, images = 0;

	for (i = 0; i < count; i++)
		if (kind_of(operands[i]) == RUN) {
			logs[runs] = read_log(operands[i], &tables[runs]);
			training = training || logs[runs++].training;
		}
	html_begin(out, args.title, training ? args.refresh : 0);
	for (i = 0; i < count; i++)
		if (kind_of(operands[i]) == SCORES) {
			struct report_row *table = read_list(operands[i], &list, &rows);

			report_html_scores(table, rows, out);
			free(table);
			tsv_free(&list);
		}
	if (runs > 0)
		report_html_logs(logs, runs, out);
	for (i = 0; i < count; i++)
		if (kind_of(operands[i]) == IMAGE) {
			if (images++ == 0)
				fputs("<section>\n<h2>Images</h2>\n", out);
			if (html_image(out, operands[i]) < 0)
				die();
		}
	if (images > 0)
		fputs("</section>\n", out);
	html_end(out);
	for (i = 0; i < runs; i++)
		tsv_free(&tables[i]);
	free(tables);
	free(logs);
	return training;
}

/* Write the page, with --refresh again and again until no run trains: the last page is of the end. */
static void
run_html(char **operands, int count)
{
	bool training = true;

	if (count == 0)
		die_with(ERR_USAGE, "--html needs a run, a list or an image; try 'tscae-report --help'");
	if (args.refresh && strcmp(args.output, "-") == 0)
		die_with(ERR_USAGE, "--refresh needs --output FILE");
	while (training) {
		struct mem_stream m;

		mem_stream_open(&m);
		training = write_html(operands, count, m.file) && args.refresh;
		mem_stream_close(&m);
		if (file_save(args.output, m.text, m.size, false) < 0)
			die();
		free(m.text);
		if (training)
			sleep((unsigned)args.refresh);
	}
}

static void
run_markdown(const char *path)
{
	struct report_row *rows;
	struct tsv list;
	struct mem_stream m;
	int count;

	mem_stream_open(&m);
	rows = read_list(path, &list, &count);
	(args.table ? report_table : report_write)(rows, count, m.file);
	mem_stream_close(&m);
	if (file_save(args.output, m.text, m.size, false) < 0)
		die();
	free(m.text);
	free(rows);
	tsv_free(&list);
}

int
main(int argc, char **argv)
{
	char **operands;
	const int count = cli_parse(&cli, argc, argv, &operands);

	if (args.html && args.table)
		die_with(ERR_USAGE, "--table prints rows, --html a page: one of them");
	if (args.refresh && !args.html)
		die_with(ERR_USAGE, "--refresh is for --html");
	if (args.html)
		run_html(operands, count);
	else if (count == 1)
		run_markdown(operands[0]);
	else
		die_with(ERR_USAGE, "one operand is required, LIST; try 'tscae-report --help'");
	return 0;
}
