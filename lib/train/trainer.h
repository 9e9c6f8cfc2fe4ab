/* trainer - a training run: records in, steps, checkpoints; resume is its only way to begin

   It drives a task through task.h and knows no task's name. What determines the result is in the settings, the
   configuration and the records; threads, kills and the moments of checkpoints are not. */
#ifndef TRAIN_TRAINER_H
#define TRAIN_TRAINER_H

#include "train/engine.h"
#include "train/init.h"
#include "train/log.h"
#include "train/schedule.h"
#include "train/checkpoint.h"

/* Steps in a row without a finite loss and gradient after which a run is given up. */
enum { TRAINER_BAD_MAX = 3 };

struct trainer {
	/* the caller's to set */
	const char *run;		/* directory */
	struct settings settings;
	struct config config;
	int threads;
	void (*warn)(const char *format, ...) __attribute__((format(printf, 1, 2)));

	/* to read */
	struct state state;		/* how far it is */
	struct outcome outcome;		/* of the last step */
	long seen, skipped;		/* records taken, and passed over because they were done before */

	/* the trainer's own */
	const struct task *task;
	void *self;
	struct init_model init;		/* the model to start from, open until its weights are loaded */
	struct class_list classes;	/* of the task's head */
	struct params params;
	struct adamw adamw;
	struct schedule schedule;
	struct pool *pool;
	struct grad_shards shards;
	struct engine engine;
	struct batch batch;
	struct log log;
	struct comm comm;		/* the other processes of this run */
	int filled;			/* images of the batch that are here */
	int lock;			/* descriptor; -1: not this rank's */
	long saved;			/* step of the newest checkpoint, -1: none */
	long records;			/* of this rank's stream, -1: unknown */
	long next, base, last;		/* places: see place() in trainer.c */
	double clock, seconds, flops;	/* since the last line of the log */
	long images;
	double rate, norm_scale;	/* of the update that runs */
};

/* Join the other ranks, complete the settings from the stream's header, build the model, go on from the newest checkpoint if there is
   one. -1 and err(). */
int trainer_open(struct trainer *t, const struct header *h);

/* Complete settings and configuration alone, as far as they can be without a stream (h NULL). -1 and err(). */
int trainer_complete(struct trainer *t, const struct header *h);

/* Take a record. 1: a batch is full, call trainer_step(); 0: not yet; -1 and err(ERR_DATA). */
int trainer_put(struct trainer *t, const struct record *r);

/* One step. A loss or gradient that is not finite changes no weight and is told; -1 and err(ERR_INTERNAL) when it
   happens TRAINER_BAD_MAX times in a row. */
int trainer_step(struct trainer *t);

/* What the ranks of a run tell each other before each step. */
enum trainer_flags { TRAINER_STOP = 1, TRAINER_ENDED = 2 };

/* Every rank says what it knows (a sum of enum trainer_flags) when its part of a batch is full or never will be: what any of
   them said. All take a step together if it is 0. */
int trainer_agree(struct trainer *t, int flags);

/* Images of this rank's stream that are still to come; -1: unknown. */
long trainer_left(const struct trainer *t);

/* Is this the rank that writes and talks? */
bool trainer_is_rank0(const struct trainer *t);

/* Are all steps done? */
bool trainer_done(const struct trainer *t);

/* What a checkpoint of now holds. */
struct checkpoint trainer_checkpoint(struct trainer *t);

/* Add the time since the last call to t->seconds. */
void trainer_clock(struct trainer *t);

/* A checkpoint of now, unless there is one of this step; by the first rank alone. -1 and err(ERR_OUTPUT). */
int trainer_save(struct trainer *t);

void trainer_close(struct trainer *t);

#endif
