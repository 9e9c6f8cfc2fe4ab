/* taken - which pictures of the sequence were trained on: of each class of places, all before one

   Rank r of R has the places r, r + R, r + 2R ... Where one of them passed over a damaged picture it is ahead of the others, so
   each class of places (mod R) has a place of its own up to which all was taken. A run may go on with another number of ranks S: of a
   class mod lcm(R, S) then all is taken up to the further of the two. */
#ifndef TRAIN_TAKEN_H
#define TRAIN_TAKEN_H

#include <stdbool.h>

enum { TAKEN_RANKS_MAX = 4096, TAKEN_TEXT = TAKEN_RANKS_MAX * 20 };

struct taken {
	int ranks;			/* classes; 0: nothing was taken yet */
	long next[TAKEN_RANKS_MAX];	/* of each class the first place that was not taken */
};

/* Was this place taken? */
bool taken_has(const struct taken *t, long place);

/* Can `ranks` ranks go on? (If the classes would become too many, they cannot.) */
bool taken_fits(const struct taken *t, int ranks);

/* Rank r of `ranks`, which fit, has taken all of its places before next[r] (one of its places). */
void taken_add(struct taken *t, int ranks, const long *next);

/* The first place that was not taken: where a stream has to begin. */
long taken_place(const struct taken *t);

/* Text for a file: one place where no class is ahead ("1280": whatever their number), else that of each ("1280 1281 1286 1283").
   Room for TAKEN_TEXT bytes. And back: -1 if it is no such text. */
void taken_show(const struct taken *t, char *text);
int taken_read(struct taken *t, const char *text);

#endif
