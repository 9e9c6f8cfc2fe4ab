/* report - a page of the scores of several runs: runs of one label become a row */
#ifndef METRICS_REPORT_H
#define METRICS_REPORT_H

#include <stdbool.h>
#include <stdio.h>

/* The score of one run. Texts are borrowed. */
struct report_run {
	const char *group, *label;	/* table, and row of the table */
	double value;			/* 0 .. 1; NAN: undefined */
	double low, high;		/* bounds of a 95 % interval; NAN: none */
	const char *protocol, *command;
};

/* A mean and its 95 % interval. NAN: not defined. */
struct report_mean {
	double mean, low, high;
};

struct report_row {
	const char *group, *label, *protocol, *command;	/* of the first run */
	int runs;
	int undefined;			/* runs with an undefined score, excluded from the mean */
	/* Of one run, its value and bounds. Of several, the mean, and its interval by Student's t distribution, within
	   0 .. 1: the variation between runs. */
	struct report_mean score;
	/* Of the first row of the group minus this row, run by run (the first of one minus the first of the other, and
	   so on: equal seeds). Not defined for the first row, and for a row with another number of runs. */
	struct report_mean difference;
};

/* Combine the runs of equal group and label into rows, in order of first occurrence; free() it. */
struct report_row *report_rows(const struct report_run *runs, int count, int *rows);

/* Write a page in Markdown: a table for each group, values in per cent, then the protocols, then the commands. */
void report_write(const struct report_row *rows, int count, FILE *out);

/* The explanation of the intervals and differences, for a page. */
extern const char report_intervals[];

/* Write a difference in per cent with its sign and interval, as in "+6.5 (+5.1 to +7.9)"; nothing where it is not
   defined. */
void report_difference(const struct report_row *row, FILE *out);

/* True if row i is the first of its group; if an earlier row of the group has the same protocol. */
bool report_group_begins(const struct report_row *rows, int i);
bool report_protocol_listed(const struct report_row *rows, int i);

/* Write the rows tab-separated: group, label, runs, mean, low, high, and difference, difference_low, difference_high,
   which are nan where they are not defined. */
void report_table(const struct report_row *rows, int count, FILE *out);

#endif
