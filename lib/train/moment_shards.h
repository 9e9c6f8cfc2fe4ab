/* moment_shards - ZeRO-1: each rank keeps the moments of its part of the weights, and updates that part

   The floats of the parameters are cut into one range for each rank, at the beginning of a moment block (moment8.h).
   Every rank has the whole gradient, so its update of a range has the bits of one process. After it the ranks exchange
   the weights. Before a checkpoint, rank 0 collects the moments of all, and gives the memory back afterwards.
   The blocks of moments keep their size, but pages of other ranks are never touched and take no memory.

   Rajbhandari, Rasley, Ruwase, He, "ZeRO: Memory Optimizations Toward Training Trillion Parameter Models", SC 2020,
   section 5.1 (optimizer state partitioning). */
#ifndef TRAIN_MOMENT_SHARDS_H
#define TRAIN_MOMENT_SHARDS_H

#include "nn/params.h"
#include "train/comm.h"
#include "train/optimizer.h"

#include <stdbool.h>
#include <stddef.h>

struct moment_shards {
	struct comm *comm;	/* borrowed, like the others */
	struct params *params;
	struct adamw *adamw;
	size_t *cut;		/* rank r updates the floats cut[r] .. cut[r + 1] - 1; owned */
	size_t from, to;	/* those of this rank; without shards all */
};

/* Cut the parameters for the ranks of comm, or (shard false) keep them whole; release the moments of other ranks. */
void moment_shards_open(struct moment_shards *s, bool shard, struct comm *comm, struct params *params,
	struct adamw *adamw);
void moment_shards_close(struct moment_shards *s);

/* Without shards each of these does nothing. All ranks call them together, but for release. */

/* After an update of the range: every rank gets the weights of all. */
void moment_shards_exchange(struct moment_shards *s);

/* Rank 0 gets the moments of all ranks. */
void moment_shards_collect(struct moment_shards *s);

/* Release the memory of the moments of other ranks. */
void moment_shards_release(struct moment_shards *s);

#endif
