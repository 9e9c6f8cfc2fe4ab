/* neighbors - the nearest neighbors of query rows in a collection that is read once, in blocks

   Similarity is the cosine. Products in single precision select the candidates, with a margin above their rounding
   error; the similarities of candidates are computed in double precision and decide. So the result is exact for the
   unit rows in single precision, and the same for any number of threads, block size and BLAS library. */
#ifndef METRICS_NEIGHBORS_H
#define METRICS_NEIGHBORS_H

#include "base/err.h"
#include "base/pool.h"
#include "metrics/feature_set.h"
#include "metrics/feature_source.h"

#include <stdbool.h>

/* A row of the collection and its similarity to a query. */
struct neighbor {
	double similarity;	/* -1 .. 1 */
	long row;
	char *key;		/* owned by the list that holds it */
};

struct neighbors {
	long queries;
	int k;				/* neighbors of a query, at most */
	int *kept;			/* (queries) neighbors found */
	struct neighbor *lists;		/* (queries, k) nearest first; of equal similarities the earlier row first */
};

/* Upper bound of the rounding error of a product of unit rows in single precision. */
double neighbors_margin(int d);

/* Product of two rows in double precision, in a fixed order. */
double neighbors_similarity(const float *a, const float *b, int d);

/* Find the k nearest neighbors of each query (rows of unit length, at least one) among the rows that the source has
   left; without the rows that have the key of the query, if `exclude_self`. step(arg, rows) is called now and then with
   the number of rows read so far. Memory: queries * k * threads neighbors and a few blocks of the collection. -1 and
   err(): those of feature_source_next(); ERR_DATA rows of another size, no rows, only rows of zeros. neighbors_free()
   it either way. */
int neighbors_find(struct neighbors *n, const struct feature_rows *queries, int k, bool exclude_self,
	struct feature_source *s, struct pool *pool, void (*step)(void *arg, long rows), void *arg) ERR_CHECK;

void neighbors_free(struct neighbors *n);

#endif
