/* batch_loss - the loss that couples the batch: coupled outputs of all micro-batches, and their gradients

   Every rank gathers the outputs of all ranks and computes the whole loss. */
#ifndef TRAIN_BATCH_LOSS_H
#define TRAIN_BATCH_LOSS_H

#include "base/mem.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "task/batch.h"
#include "task/task.h"
#include "train/grad_shards.h"

#include <stdbool.h>
#include <stddef.h>

/* A coupled output of all images of all ranks. */
struct batch_loss_input {
	float *x, *dx;		/* (N, ...); dx NULL: no gradient needed */
	bool filled;		/* the batch loss has written dx */
	int rank, shape[VAR_RANK_MAX];
	size_t each;		/* floats of an image */
};

struct batch_loss {
	int count;
	struct batch_loss_input inputs[TASK_COUPLED_MAX];
	struct tape tape;
	struct arena arena;	/* of the inputs */
};

/* Allocate the inputs for a batch; `example` is the result of a micro-batch of n images. */
void batch_loss_open(struct batch_loss *b, const struct grad_shards *s, const struct part_loss *example, int n);
void batch_loss_close(struct batch_loss *b);

/* Copy the coupled outputs of a micro-batch to the inputs; after batch_loss_run(), seed the outputs with their
   gradients. */
void batch_loss_collect(struct batch_loss *b, const struct micro_batch *m, const struct part_loss *from);
void batch_loss_seed(const struct batch_loss *b, const struct micro_batch *m, const struct part_loss *to);

/* Compute the loss and its gradient at the inputs. The gradients of its own parameters are added to `grads`, on rank 0
   alone. */
void batch_loss_run(struct batch_loss *b, struct grad_shards *s, const struct task *task, void *self,
	const struct batch *batch, const struct params *params, float *grads, struct part_loss *out);

#endif
