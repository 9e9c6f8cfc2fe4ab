/* engine - the gradient of one batch, on several threads, bit-identical for any number of threads

   The batch is divided among shards, and the images of a shard into micro-batches, which add to the gradient block of
   the shard in their order, on any thread (grad_shards.h). With `single` all micro-batches add to one block in their
   order: less memory, other bits than with a block for each shard, but the same bits for any number of threads. If the
   task couples the batch there are two phases: forward of all micro-batches; the batch loss and its gradient at their
   outputs; backward of all. Between the phases the tapes of the micro-batches are kept or, if they would exceed
   `memory`, computed again: the same bits. */
#ifndef TRAIN_ENGINE_H
#define TRAIN_ENGINE_H

#include "task/batch.h"
#include "task/task.h"

#include <stdbool.h>
#include <stddef.h>

enum engine_mode {
	ENGINE_UNDECIDED,	/* before the first batch */
	ENGINE_SINGLE,		/* nothing couples the batch: forward and backward at once */
	ENGINE_KEEP,		/* two phases, all tapes kept */
	ENGINE_REPEAT		/* two phases, the second repeats the forward pass */
};

struct engine {
	/* set by the caller before engine_open() */
	const struct task *task;
	void *self;			/* state of the task */
	const struct params *params;
	struct pool *pool;
	struct grad_shards *shards;	/* opened */
	bool single;			/* one block of gradients; one rank */
	long memory;			/* bytes of tapes to keep between the phases; 0: any */
	long bucket;			/* bytes of a bucket of gradients (overlap.h); 0: no overlap */

	/* the result: sum of the gradients, params->size floats */
	float *grads;

	enum engine_mode mode;
	struct engine_work *work;	/* private: tapes, blocks, gathered outputs */
};

struct outcome {
	double loss;			/* weighted sum */
	double terms[TASK_TERMS_MAX];	/* in the order of task->terms */
	double norm;			/* of the gradient, before clipping */
	double flops;			/* of matrix products */
};

void engine_open(struct engine *e);

/* Fill b->totals; compute the loss of a full batch and its gradient, which is in e->grads until the next call; the same
   on every rank. */
void engine_run(struct engine *e, struct batch *b, struct outcome *out);

/* Bytes that the tapes hold: constant after every thread has computed the largest micro-batch; with one thread after
   the first batch. */
size_t engine_held(const struct engine *e);

void engine_close(struct engine *e);

#endif
