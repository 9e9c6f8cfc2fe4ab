/* comm - where gradients meet: the one function that adds up what was computed apart

   The sum is a fixed binary tree over the lanes, ((0 + 1) + (2 + 3)), and the norm a sum of fixed pieces in
   order, so neither depends on the number of threads. Several processes would add their sums here too,
   and nowhere else. */
#ifndef TRAIN_COMM_H
#define TRAIN_COMM_H

#include "base/pool.h"

#include <stddef.h>

/* Room for the partial sums of squares: one double for each COMM_PIECE floats begun. */
enum { COMM_PIECE = 1 << 14 };	/* 64 KiB of each lane: a tree's inputs stay in cache */
size_t comm_partials(size_t size);

/* blocks[0] = sum of `lanes` blocks of `size` floats; the other blocks' contents are lost. Returns the
   Euclidean norm of the sum, accumulated in double (not finite if an element is not). `partials` holds
   comm_partials(size) doubles of scratch. pool may be NULL: this thread alone, same bits. */
double comm_sum(struct pool *pool, float *const *blocks, int lanes, size_t size, double *partials);

#endif
