/* comm - where what was computed apart meets: the lanes of one process, and the processes of one run

   A lane is a fixed part of every batch: the images at places v, v + lanes, v + 2 lanes ... of the sequence. Rank r of R has the
   lanes r, r + R, r + 2R ..., so which images are computed together does not depend on R. Their gradients are added in a fixed order:
   q is the largest power of two that divides the number of lanes; first those q apart, in order, then by halves, (v) + (v + q/2), ...
   (v) + (v + 1). The halves that are less than R apart are on different ranks, which swap them. So 1, 2, 4 ranks and any number
   of threads give the same bits. The norm is a sum of fixed pieces in order. */
#ifndef TRAIN_COMM_H
#define TRAIN_COMM_H

#include "base/pool.h"

#include <stdbool.h>
#include <stddef.h>

struct comm {
	int rank, ranks;	/* this process's number, from 0; how many there are, from 1 */
	bool exact;		/* the fixed order between ranks too (they are a power of two); else MPI's order */
	float *scratch;		/* what a swap receives; owned */
	size_t room;
};

/* Room for the partial sums of squares: one double for each COMM_PIECE floats begun. */
enum { COMM_PIECE = 1 << 14 };	/* 64 KiB of each lane: a tree's inputs stay in cache */
size_t comm_partials(size_t size);

/* Join the others. -1 and err(ERR_OS, ERR_USAGE). comm_close() when all is done. */
int comm_open(struct comm *c);
void comm_close(struct comm *c);

/* blocks[0] = sum over all lanes of all ranks of `size` floats; `lanes` of them are here, in order; the other blocks' contents are
   lost. Returns the Euclidean norm of the sum, accumulated in double (not finite if an element is not). `partials`
   holds comm_partials(size) doubles of scratch. pool may be NULL: this thread alone, same bits. c may be NULL: one process. */
double comm_sum(struct comm *c, struct pool *pool, float *const *blocks, int lanes, size_t size, double *partials);

/* `data` holds something of each of `lanes` lanes of the whole run, lane v's at offset[v] up to offset[v + 1] in bytes; this
   rank has filled in its own. Afterwards all are there. c may be NULL. */
void comm_gather(struct comm *c, void *data, int lanes, const size_t *offset);

/* What every rank says, in order: all[0 .. ranks-1]. c may be NULL. */
void comm_all(struct comm *c, long x, long *all);

/* Return when every rank is here. */
void comm_wait(struct comm *c);

#endif
