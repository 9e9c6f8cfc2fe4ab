/* tsv - a tab-separated table with a line of names, as tscae-probe and tscae-eval print it */
#ifndef METRICS_TSV_H
#define METRICS_TSV_H

struct tsv {
	char *path, *text;	/* owned: the file, cut into fields */
	int columns, rows;	/* rows without the line of names */
	char **fields;		/* (1 + rows) * columns of them, the names first */
};

/* Read a table of at least one row. -1 and err(): ERR_INPUT, ERR_DATA where a line has another number of fields. */
int tsv_read(struct tsv *t, const char *path);

/* The column of that name, -1 if there is none. */
int tsv_column(const struct tsv *t, const char *name);

/* The one row in which every text of `want`, divided by commas, is a field (from 0). -1 and err(ERR_DATA): none, or several. */
int tsv_row(const struct tsv *t, const char *want);

/* The number there. -1 and err(ERR_DATA): it is none. */
int tsv_number(const struct tsv *t, int row, int column, double *x);

void tsv_free(struct tsv *t);

#endif
