/* task - a training task is a row of one table; the trainer depends on no task by name

   A step has two phases: forward of every micro-batch on a tape of its own and, if the task couples the batch, the
   batch loss of their outputs on one more tape; then backward of every micro-batch. A loss term is already divided by
   the whole batch, so that the micro-batches add up. */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "model/config.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/record.h"
#include "task/batch.h"

#include <stdbool.h>

enum { TASK_TERMS_MAX = 8, TASK_COUPLED_MAX = 4 };

/* The result of a micro-batch, or of the batch loss. */
struct part_loss {
	struct var *loss;			/* weighted sum of local terms, rank 0; NULL: none */
	double terms[TASK_TERMS_MAX];		/* each term unweighted, in the order of task->terms; those of all
						   micro-batches and of the batch loss add up to the value of
						   the batch; NAN: this configuration has no such term */
	int coupled_count;
	struct var *coupled[TASK_COUPLED_MAX];	/* outputs that the batch loss couples, (n, ...) each */
};

/* A weighted sum of losses. */
struct loss_sum {
	int count;
	struct var *losses[TASK_TERMS_MAX];
	float weights[TASK_TERMS_MAX];
};

/* Add a loss (rank 0) with its weight; its unweighted value is added to *term. */
void loss_sum_add(struct loss_sum *sum, struct var *loss, double weight, double *term);
/* The sum as a loss; at least one loss was added. */
struct var *loss_sum_build(const struct loss_sum *sum, struct tape *t);

/* The training recipe of a task: values of settings that are not set (formats/method.md, Recipes). */
struct recipe {
	double base_lr;		/* learning rate for 256 images */
	double small_lr;	/* the same for micro and tiny models; 0: base_lr */
	double beta2, weight_decay, warmup_ratio;
	double layer_decay;	/* the learning rate of each block is this times that of the next block */
};

struct task {
	const char *name;			/* "pretrain": task=... on the command line */
	const char *const *terms;		/* names of the loss terms and monitors in the log, ends with NULL */
	unsigned needs;				/* fields of a record besides its image: a sum of enum batch_needs */
	const char *classes;			/* header key of the class names (CLASS_LIST_GT ...); NULL: none */
	bool downstream;			/* downstream of pre-training: init_from gives only the encoder */
	bool pool_norm;				/* the encoder has a norm of the mean in place of that of the tokens */
	struct recipe recipe;			/* 0: as for pre-training */

	/* Take unset settings of the configuration from the header of the stream. NULL: none. -1 and err(ERR_USAGE) if
	   the header contradicts the configuration. */
	int (*adopt)(struct config *c, const struct header *h);
	/* Declare the parameters of config c in p; returns the state of the task. NULL and err(ERR_USAGE). */
	void *(*open)(const struct config *c, struct params *p);
	/* Forward pass of images first .. first+n-1 of the batch. Called on several threads, each with its own tape. */
	void (*forward)(void *self, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out);
	/* Divisors of the loss other than the number of images: add those of image i to `totals`. The trainer sums them
	   over the whole batch into b->totals before forward(). Scratch memory: the arena of the tape. NULL: none. */
	void (*count)(const void *self, struct tape *t, const struct batch *b, int i, double totals[BATCH_TOTALS]);
	/* The batch loss, called if forward() returned coupled outputs. inputs[i] (N, ...): the i-th coupled output of
	   all micro-batches, in order, with dx where a gradient is needed. Fills loss and terms as forward() does.
	   NULL: nothing couples the batch. */
	void (*batch_loss)(void *self, struct tape *t, const struct batch *b, struct var *const *inputs,
	    struct part_loss *out);
	/* Called after the update of the weights by this batch (not after a step without update), on every rank alike:
	   for state that is no weight and no function of one batch. It may change frozen parameters. NULL: none. */
	void (*after_step)(void *self, struct params *p, const struct batch *b);
	void (*close)(void *self);
};

/* The task of that name, NULL: unknown. */
const struct task *task_find(const char *name);

#endif
