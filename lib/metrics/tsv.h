/* tsv - a tab-separated table with column names in its first line, as tscae-probe and tscae-eval print it */
#ifndef METRICS_TSV_H
#define METRICS_TSV_H

#include "base/err.h"

#include <stddef.h>

/* A byte order mark and carriage returns at line ends are dropped. */
struct tsv {
	char *path, *text;	/* owned: the file, split into fields */
	int columns, rows;	/* rows without the column names */
	char **fields;		/* ((1 + rows) * columns) the column names first */
};

/* Read a table of at least one row. -1 and err(): ERR_INPUT; ERR_DATA: a line has another number of fields. */
ERR_CHECK int tsv_read(struct tsv *t, const char *path);

/* The same of `size` bytes of text, which end with a zero byte and are owned by t from now on, freed on failure too;
   `path` is for messages. */
ERR_CHECK int tsv_parse(struct tsv *t, const char *path, char *text, size_t size);

/* The column of that name; -1: not found. */
int tsv_column(const struct tsv *t, const char *name);

/* The one row (from 0) that contains each text of the comma-separated list `texts` as a field. -1 and err(ERR_DATA): no
   row, or several. */
ERR_CHECK int tsv_row(const struct tsv *t, const char *texts);

/* Read a field as a number. -1 and err(ERR_DATA): it is not a number. */
ERR_CHECK int tsv_number(const struct tsv *t, int row, int column, double *x);

void tsv_free(struct tsv *t);

#endif
