/* settings - how a model is trained: one struct, one table (formats/method.md: Recipes to start from)

   The table reads key=value operands and .conf files, writes a checkpoint's metadata, and says on resume which
   setting was changed. What a model is stands in model/config.h; the tool puts both tables together. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include "base/opt.h"
#include "model/config.h"
#include "task/task.h"

struct settings {
	const char *task;	/* row of task_table */
	const char *init_from;	/* model to start from, "" for random weights */
	long seed;
	long batch;		/* images of a step; 0: 128, paper 22, or the whole stream where it is shorter */
	long micro_batch;		/* images that go through the network together; 0: from the model's tokens */
	long grad_shards;		/* gradient blocks, the most ranks */
	long steps;		/* of the whole run; 0: as many batches as the stream has */
	double base_lr;		/* learning rate for 256 images; 0: by model size, paper 1e-3 */
	double lr;		/* learning rate at its peak; 0: base_lr * batch / 256 */
	double min_lr;		/* at the end of the cosine */
	double warmup_ratio;		/* part of the steps, 0 .. 1; -1: by task */
	double weight_decay;	/* -1: by task */
	double beta1, beta2;	/* beta2 -1: by task */
	double eps;
	double layer_decay;	/* the rate of a block is this times that of the one above it; 1: all the same; -1: by task */
	double grad_clip;		/* global norm; 0: no clipping; -1: 3, paper none */
	long activation_memory;		/* bytes of activations kept between the two phases; 0: no limit */
	long checkpoint_steps;	/* 0: never for this reason */
	double checkpoint_minutes;
	long keep_checkpoints;		/* checkpoints */
	bool single_grad_buffer;	/* one gradient block for all lanes */
	bool deterministic;	/* several ranks: refuse what would not give the bytes of one */
	long log_every;		/* steps from one line of the log to the next */
};

enum { SETTINGS_ROWS = 25 };	/* rows of settings_table, the last one empty */

struct settings settings_default(void);

/* Fill `table` (SETTINGS_ROWS rows) with the settings of s; the table points into s. */
void settings_table(struct settings *s, struct opt *table);

/* Does a change of this setting (of either table) change the trained weights? */
bool settings_matter(const char *name);

/* Fill what is unset from the completed configuration and the task; `records` is the length of the whole stream over all
   epochs, 0 if unknown, -1 if there is no stream yet (then steps may stay 0). -1 and err(ERR_USAGE) where the number of steps cannot be told or is 0. */
int settings_complete(struct settings *s, const struct config *c, const struct task *task, long records);

#endif
