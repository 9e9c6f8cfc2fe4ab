/* task - what is trained: a row of one table; the trainer does not know the names

   A step has two phases: forward of every micro-batch on a tape of its own and, where the task couples the
   batch, the batch loss of their outputs on one more tape; backward of every micro-batch. A loss term is already
   divided by the whole batch, so that micro-batches add up. */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "base/opt.h"
#include "model/config.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "task/batch.h"

enum { TASK_TERMS_MAX = 8, TASK_COUPLED_MAX = 4 };

/* What a micro-batch (or the batch loss) gives back. */
struct part_loss {
	struct var *loss;			/* weighted sum of local terms, rank 0; NULL: none */
	double terms[TASK_TERMS_MAX];		/* each term unweighted, in the order of task->terms; forward's
						   of all micro-batches and the batch loss's add up to the
						   batch's value; NAN: this configuration has no such term */
	int coupled_count;
	struct var *coupled[TASK_COUPLED_MAX];	/* outputs that the batch loss couples, (n, ...) each */
};

/* A task's own training recipe: what settings become that were not said (formats/method.md, Recipes). */
struct recipe {
	double base_lr;		/* learning rate for 256 images */
	double small_lr;	/* the same for micro and tiny models; 0: base_lr */
	double beta2, weight_decay, warmup_ratio;
	double layer_decay;	/* the rate of each block is this times that of the one above it */
};

struct task {
	const char *name;			/* "pretrain": task=... on the command line */
	const char *const *terms;		/* names of the loss terms and monitors in the log, ends with NULL */
	unsigned needs;				/* of a record besides its image: a sum of enum batch_needs */
	const char *classes;			/* header key of the class names: "classes", "label_classes"; NULL: it has none */
	bool downstream;			/* it stands behind pre-training: init brings an encoder, its sizes and its weights, and nothing else */
	struct recipe recipe;			/* 0: as for pre-training */

	/* What the stream's header says of its records that the configuration leaves open. NULL: nothing. -1 and err(ERR_USAGE)
	   where both say something else. */
	int (*adopt)(struct config *c, const struct header *h);
	/* Declare the parameters of config c in p; returns the task's own state. NULL and err(ERR_USAGE). */
	void *(*open)(const struct config *c, struct params *p);
	/* Images first .. first+n-1 of the batch, forwards. Called on several threads, each with its own tape. */
	void (*forward)(void *self, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out);
	/* What the loss is divided by, where that is not the number of images: image i's share of b->totals, which the trainer
	   adds up over the whole batch before forward(). Scratch from the tape's arena. NULL: nothing. */
	void (*count)(const void *self, struct tape *t, const struct batch *b, int i, double totals[BATCH_TOTALS]);
	/* The batch loss, called where forward() gave coupled outputs. inputs[i]: (N, ...) those of all
	   micro-batches, in order, as variables with dx where a gradient is wanted (never filled: nothing flows
	   back). Fills loss and terms as forward() does. NULL where nothing couples the batch. */
	void (*batch_loss)(void *self, struct tape *t, const struct batch *b, struct var *const *inputs, struct part_loss *out);
	void (*close)(void *self);
};

/* The row of that name, NULL if there is none; and all rows, ended by NULL. */
const struct task *task_find(const char *name);
extern const struct task *const task_table[];

#endif
