/* feature_rows - rows of features of unit length with their keys, in memory */
#ifndef METRICS_FEATURE_ROWS_H
#define METRICS_FEATURE_ROWS_H

#include "base/err.h"
#include "metrics/feature_source.h"

#include <stdbool.h>
#include <stddef.h>

struct feature_rows {
	long n;
	int d;
	float *x;			/* (n, d) of unit length */
	char **keys;			/* (n) */
	long *rows;			/* (n) their numbers in the input, ascending */
	struct feature_left_out repeated; /* rows with the key of an earlier one */
	size_t x_room, key_room, row_room;
};

/* Read all rows that the source has left; with `unique`, leave out those with the key of an earlier one. -1 and err():
   those of feature_source_next() and feature_source_check(). feature_rows_free() it either way. */
int feature_rows_read(struct feature_rows *f, struct feature_source *s, bool unique) ERR_CHECK;

void feature_rows_free(struct feature_rows *f);

#endif
