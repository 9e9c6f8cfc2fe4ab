/* report - fuzz target: any bytes as a training log and as a table of scores; what is accepted becomes pages, whose
   drawings have finite coordinates */
#include "base/err.h"
#include "base/mem.h"
#include "metrics/report.h"
#include "metrics/report_html.h"
#include "metrics/tsv.h"
#include "train/log.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { ROWS = 50 };

/* No coordinate of a drawing is NaN or infinite. */
static void
check_page(const char *page)
{
	static const char *const drawn[] = { "<path ", "<line ", "<circle ", "<text " };
	const char *tag;
	size_t i, k;

	for (tag = strchr(page, '<'); tag; tag = strchr(tag + 1, '<')) {
		const size_t n = strcspn(tag, ">");

		for (i = 0; i < sizeof drawn / sizeof *drawn; i++)
			for (k = 0; strncmp(tag, drawn[i], strlen(drawn[i])) == 0 && k < n; k++)
				if (strncmp(tag + k, "nan", 3) == 0 || strncmp(tag + k, "inf", 3) == 0)
					abort();
	}
}

/* A copy that ends with a zero byte; free() it. */
static char *
copy_text(const uint8_t *bytes, size_t size)
{
	char *text = mem_new(size + 1);

	if (size)
		memcpy(text, bytes, size);
	return text;
}

static void
write_log(char *text, size_t size)
{
	struct report_log log = { "run", NULL, false };
	struct mem_stream rows, page;
	struct tsv steps;
	int result;

	mem_stream_open(&rows);
	result = log_write_text(text, size, ROWS, rows.file);
	mem_stream_close(&rows);
	if (result < 0) {
		if (err_status() != ERR_DATA)
			abort();
		free(rows.text);
		return;
	}
	/* a log that is accepted is a table with at most so many rows */
	if (tsv_parse(&steps, "run", rows.text, rows.size) < 0 || steps.rows > ROWS)
		abort();
	log.steps = &steps;
	mem_stream_open(&page);
	report_html_logs(&log, 1, page.file);
	mem_stream_close(&page);
	check_page(page.text);
	free(page.text);
	tsv_free(&steps);
}

/* A score of a row, as tscae-report accepts it, and its bounds. */
static struct report_run
score_of(const struct tsv *t, int row)
{
	char *const *field = &t->fields[(row + 1) * t->columns];
	struct report_run run = { .group = field[0], .label = field[t->columns / 2], .value = NAN, .low = NAN,
		.high = NAN, .protocol = field[t->columns - 1], .command = field[0] };
	double x;
	int i;

	for (i = 0; i < t->columns; i++) {
		if (tsv_number(t, row, i, &x) < 0)
			continue;
		if (!isfinite(x))
			abort();
		if (x < 0 || x > 1)
			continue;
		if (isnan(run.value))
			run.value = x;
		else if (x <= run.value)
			run.low = x;
		else
			run.high = x;
	}
	if (isnan(run.low) != isnan(run.high))
		run.low = run.high = NAN;
	return run;
}

static void
write_scores(const struct tsv *t)
{
	struct report_run *runs = mem_array((size_t)t->rows, sizeof *runs);
	struct report_row *rows;
	struct mem_stream page;
	int i, count;

	for (i = 0; i < t->rows; i++)
		runs[i] = score_of(t, i);
	rows = report_rows(runs, t->rows, &count);
	mem_stream_open(&page);
	report_write(rows, count, page.file);
	report_table(rows, count, page.file);
	mem_stream_close(&page);
	free(page.text);
	mem_stream_open(&page);
	report_html_scores(rows, count, page.file);
	mem_stream_close(&page);
	check_page(page.text);
	free(page.text);
	free(rows);
	free(runs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct tsv t;
	char *text = copy_text(bytes, size);
	int i;

	write_log(text, size);
	free(text);
	if (tsv_parse(&t, "table", copy_text(bytes, size), size) < 0) {
		if (err_status() != ERR_DATA)
			abort();
		return 0;
	}
	for (i = 0; i < t.columns; i++)
		if (tsv_column(&t, t.fields[i]) > i || (tsv_row(&t, t.fields[i]) < 0 && err_status() != ERR_DATA))
			abort();
	write_scores(&t);
	tsv_free(&t);
	return 0;
}
