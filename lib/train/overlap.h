/* overlap - the all-reduce of gradients in buckets, during the backward pass

   A bucket is a range of whole parameters. It is complete when the last micro-batch of each work list has released each
   of its parameters (nn/parallel.h): when every use of the weight in every pass has added to its gradient. Then the
   threads that compute add up the blocks of this rank, some pieces each time that they release a parameter, and a
   thread of its own adds the bucket over the ranks, one bucket after the other in an order that is the same on all
   ranks. Each element is a sum in the order of comm.h, so the size and the order of the buckets change no bit.

   With several micro-batches in a list only the last one completes parameters. */
#ifndef TRAIN_OVERLAP_H
#define TRAIN_OVERLAP_H

#include "base/pool.h"
#include "nn/params.h"
#include "train/comm.h"
#include "train/grad_shards.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct overlap_bucket {
	size_t from, size;	/* floats of the block */
	int pieces;		/* of COMM_PIECE floats, to add up on this rank */
	int awaited;		/* releases of a step: trained parameters times micro-batches */
	atomic_int missing;	/* releases that are missing */
	atomic_int begun, added;	/* pieces taken, pieces done */
};

struct overlap {
	/* set by overlap_open() */
	struct comm *comm;
	struct pool *pool;
	const struct params *params;
	struct work_queue *queue;
	float *const *blocks;	/* gradients of each work list */
	double *partials;	/* as for comm_allreduce() */

	/* private */
	int count;		/* 0: no overlap; everything is sent after the backward pass */
	struct overlap_bucket *buckets;	/* owned */
	int *of_param;		/* the bucket of each parameter, -1: frozen; owned */
	int *order;		/* in which buckets are sent; owned */
	int *completed;		/* in which they became complete in this step; owned */
	atomic_int complete;	/* number of them in this step */
	bool settled;		/* `order` is that of the first step on rank 0 */
	bool running;		/* `thread` sends; false: the system has refused it, and overlap_end() sends */
	pthread_t thread;
};

/* Prepare for gradients of the parameters in blocks[0 .. queue->count-1]; buckets have about `bytes` bytes (0, or one
   rank: no overlap). All arguments are borrowed. */
void overlap_open(struct overlap *o, struct comm *comm, struct pool *pool, const struct params *params,
	struct work_queue *queue, float *const *blocks, long bytes);
void overlap_close(struct overlap *o);

/* Before and after the pass that adds to the gradients; end returns their norm, as comm_allreduce(). Between them no
   other call may use comm. */
void overlap_begin(struct overlap *o);
double overlap_end(struct overlap *o);

#endif
