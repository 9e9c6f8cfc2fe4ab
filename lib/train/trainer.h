/* trainer - a training run: records in, steps, checkpoints; every start is a resume

   It drives a task through task.h and depends on no task by name. The result depends on settings, configuration and
   records, not on threads, kills or the times of checkpoints. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/record.h"
#include "task/batch.h"
#include "train/checkpoint.h"
#include "train/comm.h"
#include "train/engine.h"
#include "train/grad_shards.h"
#include "train/init.h"
#include "train/log.h"
#include "train/moment_shards.h"
#include "train/optimizer.h"
#include "train/settings.h"

#include <stdbool.h>

/* A run stops after this number of consecutive steps without a finite loss and gradient. */
enum { TRAINER_BAD_MAX = 3 };

struct trainer {
	/* set by the caller */
	const char *run;		/* directory */
	struct settings settings;
	struct config config;
	int threads;
	void (*warn)(void *arg, const char *format, ...) __attribute__((format(printf, 2, 3)));
	void *warn_arg;

	/* to read */
	struct state state;		/* progress of the run */
	struct outcome outcome;		/* of the last step */

	/* private */
	const struct task *task;
	void *self;
	struct init_model init;		/* the model to start from, open until its weights are loaded */
	struct class_list classes;	/* of the task's head */
	struct params params;
	struct adamw adamw;
	struct moment_shards moments;
	struct schedule schedule;
	struct pool *pool;
	struct grad_shards shards;
	struct engine engine;
	struct batch batch;
	struct log log;
	struct comm comm;		/* the other processes of this run */
	int filled;			/* images of the next batch that are read */
	int lock;			/* descriptor; -1: not rank 0 */
	long saved;			/* step of the newest checkpoint, -1: none */
	long records;			/* of this rank's stream, -1: unknown */
	long next, base, last;		/* indices: see index_of() in trainer.c */
	double clock, seconds, flops;	/* since the last line of the log */
	long images;
	double lr, norm_scale;		/* of the current update */
};

/* Join the other ranks, complete the settings from the header of the stream, build the model, resume from the newest
   checkpoint if there is one. -1 and err(). */
int trainer_open(struct trainer *t, const struct header *h) ERR_CHECK;

/* Only complete settings and configuration, as far as possible without a stream if h is NULL. -1 and err(). */
int trainer_complete(struct trainer *t, const struct header *h) ERR_CHECK;

/* Add a record to the batch. 1: the batch is full, call trainer_step(); 0: not yet; -1 and err(ERR_DATA). */
int trainer_put(struct trainer *t, const struct record *r) ERR_CHECK;

/* One step. A loss or gradient that is not finite changes no weight and gives a warning; -1 and err(ERR_INTERNAL) when
   it happens TRAINER_BAD_MAX times in a row. -1 and err(ERR_OS): the other ranks cannot be reached. */
int trainer_step(struct trainer *t) ERR_CHECK;

/* Flags that the ranks of a run exchange: before each step stop on request, end of the stream; after it a checkpoint,
   if trainer_saves_together(). */
enum trainer_flags { TRAINER_STOP = 1, TRAINER_ENDED = 2, TRAINER_SAVE = 4 };

/* Combine the flags (a sum of enum trainer_flags) of all ranks; each calls it when its part of a batch is full or its
   stream ended. If the result is 0, all take a step. -1 and err(ERR_OS): the other ranks cannot be reached. */
int trainer_agree(struct trainer *t, int flags) ERR_CHECK;

/* Images left in the stream of this rank; -1: unknown. */
long trainer_left(const struct trainer *t);

/* Is this rank 0, which writes files and messages? */
bool trainer_is_rank0(const struct trainer *t);

/* Are all steps done? */
bool trainer_done(const struct trainer *t);

/* The parts of a checkpoint of the current state. */
struct checkpoint trainer_checkpoint(struct trainer *t);

/* Add the time since the last call to t->seconds. */
void trainer_clock(struct trainer *t);

/* Do all ranks have to call trainer_save() at the same step, because each has a part of the moments? */
bool trainer_saves_together(const struct trainer *t);

/* Save a checkpoint of the current state, unless there is one of this step; rank 0 writes it. -1 and err(ERR_OUTPUT),
   or err(ERR_OS): the other ranks cannot be reached. */
int trainer_save(struct trainer *t) ERR_CHECK;

void trainer_close(struct trainer *t);

#endif
