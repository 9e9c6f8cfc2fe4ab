/* epoch_order - in which order images come, over all epochs, from any place on

   Place p is item order(p / count)[p mod count], where the order of an epoch is that of the listing, or a
   permutation that follows from (seed, epoch) alone. So beginning at a place costs nothing. */
#ifndef DATASET_EPOCH_ORDER_H
#define DATASET_EPOCH_ORDER_H

#include <stdbool.h>
#include <stdint.h>

struct epoch_order {
	long count;		/* images of an epoch, at most 2^31 */
	long epochs;
	bool shuffle;
	uint64_t seed;
	long start;		/* place of the first one taken */
	long limit;		/* places from there on; 0: to the end */
	long part, parts;	/* of the places, those with place mod parts = part; parts from 1 */
	long place, epoch;	/* where epoch_order_next() is: set by epoch_order_begin() */
	long *order;		/* of that epoch, where shuffled */
};

/* Set the members down to `parts`, then begin. */
void epoch_order_begin(struct epoch_order *s);

/* Set part and parts from "I/N" (0 <= I < N), or from the launcher's environment where it is "auto". -1 and err(ERR_USAGE). */
int epoch_order_shard(struct epoch_order *s, const char *text);

/* The next place. 1: filled in; 0: the end. */
int epoch_order_next(struct epoch_order *s, long *place, long *epoch, long *item);

/* The place behind the last one. */
long epoch_order_end(const struct epoch_order *s);

/* Places of this part before that end, counted from place 0: the length of the whole stream if it were not begun at `start`. */
long epoch_order_records(const struct epoch_order *s);

void epoch_order_free(struct epoch_order *s);

#endif
