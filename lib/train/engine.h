/* engine - the gradient of one batch, on several threads, the same to the bit for any number of them

   The batch is cut into micro-batches; number i belongs to lane i mod lanes; a lane works through its own in
   order and adds to its own block of gradients. Lanes are what threads share out, so more threads than lanes
   are of no use. Where the task couples the batch there are two phases: all forwards, the joint loss, all
   backwards; between them the micro-batches' tapes are kept, or (where they would pass `memory`) computed
   again: both give the same bits. */
#ifndef TRAIN_ENGINE_H
#define TRAIN_ENGINE_H

#include "base/pool.h"
#include "task/task.h"

enum engine_mode {
	ENGINE_UNDECIDED,	/* before the first batch */
	ENGINE_SINGLE,		/* nothing couples the batch: forward and backward at once */
	ENGINE_KEEP,		/* two phases, all tapes kept */
	ENGINE_REPEAT		/* two phases, the second repeats the forward pass */
};

struct engine {
	/* the caller's to set before engine_open() */
	const struct task *task;
	void *self;			/* the task's state */
	const struct params *params;
	struct pool *pool;
	int batch;			/* pictures of every batch */
	int micro;			/* pictures of a micro-batch (the last one may be smaller) */
	int lanes;			/* at most; never more than micro-batches */
	long memory;			/* bytes of tapes to keep between the phases; 0: any */

	/* the result: sum of the gradients, params->size floats */
	float *grads;

	enum engine_mode mode;
	struct engine_work *work;	/* the engine's own: tapes, blocks, gathered outputs */
};

struct outcome {
	double loss;			/* weighted sum */
	double terms[TASK_TERMS_MAX];	/* in the order of task->terms */
	double norm;			/* of the gradient, before clipping */
	double flops;			/* of matrix products */
};

void engine_open(struct engine *e);

/* The loss of a full batch and its gradient, in e->grads until the next call. */
void engine_run(struct engine *e, const struct batch *b, struct outcome *out);

/* Bytes that the tapes hold: constant after the first batch. */
size_t engine_held(const struct engine *e);

void engine_close(struct engine *e);

#endif
