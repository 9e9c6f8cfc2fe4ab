/* duplicates - groups of rows that are connected by pairs of high similarity (cosine)

   All pairs are compared in tiles; no more than a tile a thread is ever in memory. A pair counts if its similarity,
   rounded to six decimals, is at least the threshold. Groups are the connected components of these pairs (single
   linkage), so two rows of a group may be less similar than the threshold. */
#ifndef METRICS_DUPLICATES_H
#define METRICS_DUPLICATES_H

#include "base/pool.h"

/* group (n): the least row that the row is connected with, which may be itself. x (n, d) rows of unit length, n below
   2^31; threshold -1 .. 1. step(arg, rows) is called now and then with the number of rows that are done. The result is
   the same for any number of threads. */
void duplicates_group(const float *x, long n, int d, double threshold, struct pool *pool, int *group,
	void (*step)(void *arg, long rows), void *arg);

#endif
