/* epoch_order - the order of images over all epochs, from any index on

   The image at index i of the sequence is item order(i / count)[i mod count]. The order of an epoch is that of the
   listing, or a permutation that is a function of (seed, epoch) only. So a sequence can begin at any index at no
   cost. */
#ifndef DATASET_EPOCH_ORDER_H
#define DATASET_EPOCH_ORDER_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct epoch_order {
	long count;		/* images of an epoch, at most 2^31 */
	long epochs;
	bool shuffle;
	uint64_t seed;
	long start;		/* first index */
	long limit;		/* number of indices from the start on; 0: all */
	long part, parts;	/* shard: the indices with index mod parts = part; parts from 1 */
	long index, epoch; /* state of epoch_order_next(): next index, epoch of `order`; set by epoch_order_begin() */
	long *order;		/* permutation of that epoch, if shuffled */
};

/* Set the members down to `parts`, then begin. */
void epoch_order_begin(struct epoch_order *s);

/* Set part and parts from "I/N" (0 <= I < N), or from the launcher's environment if it is "auto". -1 and
   err(ERR_USAGE). */
int epoch_order_shard(struct epoch_order *s, const char *text) ERR_CHECK;

/* The next index with its epoch and item. 1: filled in; 0: the end. */
int epoch_order_next(struct epoch_order *s, long *index, long *epoch, long *item);

/* Number of indices of this shard before that end, counted from index 0, not from `start`: the length of the whole
   stream. */
long epoch_order_records(const struct epoch_order *s);

void epoch_order_free(struct epoch_order *s);

#endif
