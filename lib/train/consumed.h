/* consumed - which images of the sequence were trained on: of each class of places, all before one

   Rank r of R has the places r, r + R, r + 2R ... Where one of them passed over a damaged image it is ahead of the others, so
   each class of places (mod R) has a place of its own up to which all was taken. A run may go on with another number of ranks S: of a
   class mod lcm(R, S) then all is taken up to the further of the two. */
#ifndef TRAIN_CONSUMED_H
#define TRAIN_CONSUMED_H

#include <stdbool.h>

enum { CONSUMED_RANKS_MAX = 4096, CONSUMED_TEXT = CONSUMED_RANKS_MAX * 20 };

struct consumed {
	int ranks;			/* classes; 0: nothing was taken yet */
	long next[CONSUMED_RANKS_MAX];	/* of each class the first place that was not taken */
};

/* Was this place taken? */
bool consumed_has(const struct consumed *t, long place);

/* Can `ranks` ranks go on? (If the classes would become too many, they cannot.) */
bool consumed_fits(const struct consumed *t, int ranks);

/* Rank r of `ranks`, which fit, has taken all of its places before next[r] (one of its places). */
void consumed_add(struct consumed *t, int ranks, const long *next);

/* The first place that was not taken: where a stream has to begin. */
long consumed_index(const struct consumed *t);

/* Text for a file: one place where no class is ahead ("1280": whatever their number), else that of each ("1280 1281 1286 1283").
   Room for CONSUMED_TEXT bytes. And back: -1 if it is no such text. */
void consumed_show(const struct consumed *t, char *text);
int consumed_read(struct consumed *t, const char *text);

#endif
