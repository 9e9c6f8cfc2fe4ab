/* report_html - the sections of a page about runs: curves of their logs, tables of their scores with intervals */
#ifndef METRICS_REPORT_HTML_H
#define METRICS_REPORT_HTML_H

#include "metrics/report.h"

#include <stdbool.h>
#include <stdio.h>

/* The log of a run as a table (log_write_table), NULL: no step yet. */
struct report_log {
	const char *name;		/* of the run */
	const struct tsv *steps;	/* "step" is its first column; "-": no value */
	bool training;			/* a process trains it now */
};

/* A table of the runs, then a chart for each column, with a line for each run. */
void report_html_logs(const struct report_log *logs, int count, FILE *out);

/* A table for each group, as report_write(), with the intervals drawn. */
void report_html_scores(const struct report_row *rows, int count, FILE *out);

#endif
