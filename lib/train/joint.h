/* joint - the loss that couples the batch: outputs of all micro-batches side by side, and their gradients back

   Every rank computes all of it, from the outputs of all ranks. */
#ifndef TRAIN_JOINT_H
#define TRAIN_JOINT_H

#include "task/task.h"
#include "train/lanes.h"

/* A joint output of all lanes of all ranks. */
struct joint_input {
	float *x, *dx;		/* (N, ...); dx NULL: no gradient wanted */
	bool filled;		/* the joint loss sent a gradient */
	int rank, shape[VAR_RANK_MAX];
	size_t each;		/* floats of an image */
};

struct joint {
	int count;
	struct joint_input inputs[TASK_JOINT_MAX];
	struct tape tape;
	struct arena arena;	/* of the inputs */
};

/* Make room for batches, as a micro-batch of n images shows what it couples. */
void joint_open(struct joint *j, const struct lanes *l, const struct part_loss *shown, int n);
void joint_close(struct joint *j);

/* Take the outputs of a micro-batch; seed them with their gradient after joint_run(). */
void joint_collect(struct joint *j, const struct lanes_piece *p, const struct part_loss *from);
void joint_seed(const struct joint *j, const struct lanes_piece *p, const struct part_loss *to);

/* The loss and its gradient at the inputs. Its own parameters' gradients go into `grads`, on rank 0 alone. */
void joint_run(struct joint *j, struct lanes *l, const struct task *task, void *self, const struct batch *b, const struct params *params, float *grads, struct part_loss *out);

#endif
