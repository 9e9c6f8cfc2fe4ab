/* feature_set - features in memory: with their classes, or with their keys */
#ifndef METRICS_FEATURE_SET_H
#define METRICS_FEATURE_SET_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "metrics/feature_source.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stddef.h>

struct tensor;

struct feature_set {
	long n;		/* rows */
	int d;		/* features of a row */
	float *x;	/* (n, d) */
	struct feature_label {
		int class;	/* from 0 */
		double draw;	/* a random number from 0 to 1, from the key: the least are the validation split */
	} *labels;	/* (n) */
	size_t x_room, label_room;
};

/* Read a stream ("-": standard input): `feature` (f4, any rank, one size) or, with `pixels`, `image` (u8, one size),
   and `class`. Classes are matched by name (header `classes`): a class that is not in `classes` is added if `grow`,
   else an error. -1 and err(): ERR_DATA no field, no class, another size, unknown class. feature_set_free() it. */
ERR_CHECK int feature_set_read(struct feature_set *s, struct class_list *classes, bool grow, bool pixels,
	const char *path);

/* The feature of a record, or its image with `pixels`, if it has `width` values (0: any number, from 1), all finite.
   Borrowed. NULL and err(ERR_DATA). */
const struct tensor *feature_set_row(const struct record *r, bool pixels, int width) ERR_CHECK;

/* Scale each row to unit length; a row of zeros stays. `center`: first subtract each row's mean. */
void feature_set_normalize(struct feature_set *s, bool center);

/* Split off a validation set. rows (n): first the rows to train on, ascending, then the `val_count` rows with the least
   draws (equal draws: the earlier row). */
void feature_set_split(const struct feature_set *s, long val_count, long *rows);

void feature_set_free(struct feature_set *s);

struct feature_rows {
	long n;
	int d;
	float *x;			/* (n, d) of unit length */
	struct feature_row {
		char *key;
		long number;		/* in the input, ascending */
	} *list;			/* (n) */
	struct feature_left_out repeated; /* rows with the key of an earlier one */
	size_t x_room, room;
};

/* Read all rows that the source has left; with `unique`, leave out those with the key of an earlier one. -1 and err():
   those of feature_source_next() and feature_source_check(). feature_rows_free() it either way. */
int feature_rows_read(struct feature_rows *f, struct feature_source *s, bool unique) ERR_CHECK;

void feature_rows_free(struct feature_rows *f);

#endif
