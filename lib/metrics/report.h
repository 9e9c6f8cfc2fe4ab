/* report - scores of many runs as a page: several runs of the same thing are one row with mean, bounds, how many */
#ifndef METRICS_REPORT_H
#define METRICS_REPORT_H

#include <stdio.h>

/* A score of one run. Texts are borrowed. */
struct report_run {
	const char *group, *label;	/* which table, which row of it */
	double value;			/* a share of 1; NAN: not defined */
	double low, high;		/* bounds of a 95 % interval; NAN: the run has none */
	const char *protocol, *command;
};

struct report_row {
	const char *group, *label, *protocol, *command;	/* of the first run */
	int runs;
	int undefined;			/* of the runs: in no mean */
	double mean, low, high;		/* of the others; from the lowest bound of a run to the highest, of its value where it has none; NAN: one run without */
};

/* Bring the runs of the same group and label together, in the order in which they first come; memory that the caller frees. */
struct report_row *report_rows(const struct report_run *runs, int count, int *rows);

/* A page in Markdown: a table for each group, values in per cent, the protocols below it, the commands after that. */
void report_write(const struct report_row *rows, int count, FILE *out);

/* The rows tab-separated: group, label, runs, mean, low, high. */
void report_table(const struct report_row *rows, int count, FILE *out);

#endif
