/* consumed - the images of the sequence that a run has trained on: in each residue class of indices, all below a limit

   Rank r of R reads the indices r, r + R, r + 2R ... A rank that skips a damaged image is ahead of the others, so each
   class of indices (mod R) has a limit of its own below which all images are consumed. If a run resumes with another
   number of ranks S, the limit of a class mod lcm(R, S) is the larger of the two. */
#ifndef TRAIN_CONSUMED_H
#define TRAIN_CONSUMED_H

#include "base/err.h"

#include <stdbool.h>

enum { CONSUMED_RANKS_MAX = 4096, CONSUMED_TEXT = CONSUMED_RANKS_MAX * 20 };

struct consumed {
	int ranks;			/* number of classes; 0: nothing is consumed yet */
	long next[CONSUMED_RANKS_MAX];	/* the first index of each class that is not consumed */
};

/* Is the image of this index consumed? */
bool consumed_has(const struct consumed *t, long index);

/* Can `ranks` ranks resume? (No, if that needs too many classes.) */
bool consumed_fits(const struct consumed *t, int ranks);

/* Rank r of `ranks`, which fit, has consumed all of its indices below next[r] (one of its indices). */
void consumed_add(struct consumed *t, int ranks, const long *next);

/* The first index that is not consumed: a stream must start there, or before. */
long consumed_index(const struct consumed *t);

/* Write as text: one index if no class is ahead ("1280", for any number of classes), else that of each class ("1280
   1281 1286 1283"). The text has room for CONSUMED_TEXT bytes. Read it: -1 if it is malformed. */
void consumed_show(const struct consumed *t, char *text);
int consumed_read(struct consumed *t, const char *text) ERR_CHECK;

#endif
