/* taken - which pictures of the sequence were trained on: all before a place, rank by rank

   Ranks take turns: rank r of R has the places r, r + R, r + 2R ... Where one of them passed over a damaged picture it is ahead of
   the others, so each has a place of its own; and a run may go on with another number of ranks. */
#ifndef TRAIN_TAKEN_H
#define TRAIN_TAKEN_H

#include "train/comm.h"

enum { TAKEN_RANKS_MAX = 4096, TAKEN_TEXT = TAKEN_RANKS_MAX * 20 };

struct taken {
	int ranks;			/* R; 0: nothing was taken yet */
	long next[TAKEN_RANKS_MAX];	/* place of each rank's next picture */
};

/* Was this place taken? */
bool taken_has(const struct taken *t, long place);

/* Each of c's ranks says where it goes on (`next`, one of its places): set t, the same on every rank. c may be NULL. */
void taken_set(struct taken *t, struct comm *c, long next);

/* The first place that was not taken: where a stream has to begin. */
long taken_place(const struct taken *t);

/* Text for a file: one place where no rank is ahead ("1280": whatever their number), else that of each ("1280 1281 1286 1283").
   Room for TAKEN_TEXT bytes. And back: -1 if it is no such text. */
void taken_show(const struct taken *t, char *text);
int taken_read(struct taken *t, const char *text);

#endif
