/* settings - how a model is trained: one struct, one table (formats/method.md: Recipes to start from)

   The table reads key=value operands and .conf files, writes the metadata of a checkpoint, and names the setting that
   changed on resume. model/config.h has the settings of the model; the tool joins both tables. */
#ifndef TRAIN_SETTINGS_H
#define TRAIN_SETTINGS_H

#include "base/err.h"
#include "base/opt.h"
#include "model/config.h"
#include "task/task.h"

#include <stdbool.h>

/* Precision of matrix products, and of the gradients that ranks and gradient shards add up. */
#define SETTINGS_PRECISIONS(X) X(SETTINGS_FP32, "fp32") X(SETTINGS_BF16, "bf16")
enum settings_precision { SETTINGS_PRECISIONS(OPT_CONSTANT) };

struct settings {
	const char *task;	/* name of a task: task_find() */
	const char *init_from;	/* model to start from, "": random init */
	long seed;
	long batch;		/* images of a step; 0: 128, paper 22, or the whole stream where it is shorter */
	long micro_batch;	/* images of a micro-batch; 0: so that matrix products have about 400 rows */
	long grad_shards;	/* gradient blocks; at least the number of ranks */
	long steps;		/* of the whole run; 0: as many batches as the stream has */
	double base_lr;		/* learning rate for 256 images; 0: by model size, paper 1e-3 */
	double lr;		/* learning rate at its peak; 0: base_lr * batch / 256 */
	double min_lr;		/* at the end of the cosine */
	double warmup_ratio;	/* fraction of the steps, 0 .. 1; -1: by task */
	double weight_decay;	/* -1: by task */
	double beta1, beta2;	/* beta2 -1: by task */
	double eps;
	int precision;		/* enum settings_precision: of the products of linear layers */
	int moments;		/* enum moments: how the moments of AdamW are kept */
	bool shard_moments;	/* several ranks: each keeps the moments of its part (moment_shards.h) */
	double layer_decay;	/* learning rate of a block / that of the next block; 1: no decay; -1: by task */
	double grad_clip;	/* global norm; 0: no clipping; -1: 3, paper none */
	long activation_memory;	/* bytes of activations kept between the two phases; 0: no limit */
	long checkpoint_steps;	/* 0: by time only */
	double checkpoint_minutes;	/* 0: by steps only */
	long keep_checkpoints;	/* checkpoints that stay */
	bool single_grad_buffer;	/* one gradient block for all shards */
	bool deterministic;	/* several ranks: fail where the result would differ from that of one rank */
	int allreduce;		/* enum settings_precision */
	long bucket_size;	/* bytes of gradients that ranks add up at a time (overlap.h); 0: all, at the end */
	double comm_timeout;	/* seconds that a rank waits for a message of another; 0: no limit */
	long log_every;		/* steps from one line of the log to the next */
};

enum { SETTINGS_ROWS = 31 };	/* rows of settings_table, the last one empty */

struct settings settings_default(void);

/* Fill `table` (SETTINGS_ROWS rows) with the settings of s; the table points into s. */
void settings_table(struct settings *s, struct opt *table);

/* Does a change of this setting (of either table) change the trained weights? */
bool settings_matter(const char *name);

/* Fill unset settings from the completed configuration and the task; `records` is the length of the whole stream over
   all epochs, 0 if unknown, -1 if there is no stream yet (then steps may stay 0). -1 and err(ERR_USAGE) if a setting is
   out of range or the number of steps is unknown or 0. */
int settings_complete(struct settings *s, const struct config *c, const struct task *task, long records) ERR_CHECK;

/* Warn of each setting of the model that is set, though the task does not use it. */
void settings_warn_unused(const struct config *c, const struct task *task,
	void (*warn)(void *arg, const char *format, ...), void *warn_arg);

#endif
