/* feature_source - features, one row after another, from streams and .npy files

   A stream gives the field `feature` (f4, any rank) of each record and its key. A .npy file gives its rows; their keys
   are the lines of FILE.keys beside it (tscae-embed --npy writes it), or, without that file, the numbers of the rows
   from 0 over all inputs. Only the current row is in memory. A row of zeros has no direction, so no cosine: it is left
   out and counted. */
#ifndef METRICS_FEATURE_SOURCE_H
#define METRICS_FEATURE_SOURCE_H

#include "base/err.h"
#include "stream/npy.h"
#include "stream/record.h"

#include <stdio.h>

struct reader;

/* Rows that were left out. */
struct feature_left_out {
	long count;
	char *first;	/* key of the first; NULL: none */
};

struct feature_source {
	/* the current row; borrowed until the next */
	const float *x;			/* (d), all finite */
	const char *key;
	const struct record *record;	/* NULL: a row of a .npy file */
	long row;			/* from 0, over all inputs, those left out included */
	int d;				/* features of a row, the same for all; 0 before the first row */
	struct feature_left_out zeros;

	/* private */
	char *const *paths;		/* inputs that are left */
	int left;
	const char *path;		/* of the open input */
	struct reader *reader;		/* a stream, or */
	struct npy_reader array;	/* a .npy file */
	FILE *keys;			/* its keys; NULL: they are numbers */
	struct record read;
	float *values;			/* a row of the array */
	char *line;
	size_t line_room;
	char number[24];
};

/* 0: a .npy file without a file of keys; 1: any other input; -1 and err(): it cannot be read. */
int feature_source_has_keys(const char *path) ERR_CHECK;

/* Begin with the first of n inputs; the paths are borrowed ("-" is a stream on standard input). -1 and err(). */
int feature_source_open(struct feature_source *s, char *const *paths, int n) ERR_CHECK;

/* The next row that is not all zeros. 1; 0: the verified end of the last input; -1 and err(): ERR_INPUT missing;
   ERR_DATA damaged, no feature, another size than that of earlier rows, a value that is not finite, more or fewer keys
   than rows. */
int feature_source_next(struct feature_source *s) ERR_CHECK;

/* After the end: 0; -1 and err(ERR_DATA) if there was no row, or only rows of zeros. */
int feature_source_check(const struct feature_source *s) ERR_CHECK;

/* Count a row that is left out; feature_left_out_free() it. */
void feature_left_out_add(struct feature_left_out *l, const char *key);
void feature_left_out_free(struct feature_left_out *l);

/* Close, also before the end; no effect if it was never opened ({ 0 }). */
void feature_source_close(struct feature_source *s);

#endif
