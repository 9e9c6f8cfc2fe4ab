/* sequence - in which order pictures come, over all epochs, from any place on

   Place p is item order(p / count)[p mod count], where the order of an epoch is that of the listing, or a
   permutation that follows from (seed, epoch) alone. So beginning at a place costs nothing. */
#ifndef DATA_SEQUENCE_H
#define DATA_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

struct sequence {
	long count;		/* pictures of an epoch, at most 2^31 */
	long epochs;
	bool shuffle;
	uint64_t seed;
	long start;		/* place of the first one taken */
	long limit;		/* places from there on; 0: to the end */
	long part, parts;	/* of the places, those with place mod parts = part; parts from 1 */
	long place, epoch;	/* where sequence_next() is: set by sequence_begin() */
	long *order;		/* of that epoch, where shuffled */
};

/* Set the members down to `parts`, then begin. */
void sequence_begin(struct sequence *s);

/* Set part and parts from "I/N" (0 <= I < N), or from the launcher's environment where it is "auto". -1 and err(ERR_USAGE). */
int sequence_shard(struct sequence *s, const char *text);

/* The next place. 1: filled in; 0: the end. */
int sequence_next(struct sequence *s, long *place, long *epoch, long *item);

/* The place behind the last one. */
long sequence_end(const struct sequence *s);

/* Places of this part before that end, counted from place 0: the length of the whole stream if it were not begun at `start`. */
long sequence_records(const struct sequence *s);

void sequence_free(struct sequence *s);

#endif
