/* work_queue - the assignment of micro-batches to threads

   A work list holds the micro-batches that add to one block of gradients: those of a shard, or all of them. A thread
   starts with a list of its own; at its end it takes from the longest list, so that a slow thread delays no other. The
   sums do not depend on the thread that computes a micro-batch: those of a list add to each parameter in their order
   (nn/parallel.h). */
#ifndef TRAIN_WORK_QUEUE_H
#define TRAIN_WORK_QUEUE_H

#include "nn/parallel.h"
#include "nn/params.h"
#include "train/grad_shards.h"

#include <pthread.h>
#include <stdbool.h>

struct work_list {
	int first, end;		/* its micro-batches, numbered as in grad_shards->micro_batches */
	int next;		/* the next one to compute */
	struct ticket_lock lock;	/* of its block of gradients */
};

struct work_queue {
	int count;
	struct work_list *lists;	/* owned */
	int threads, *at;	/* the list of each thread; owned */
	pthread_mutex_t mutex;
};

/* A list for each shard here; `single`: one list of all micro-batches. */
void work_queue_open(struct work_queue *q, const struct grad_shards *s, bool single, const struct params *p,
	int threads);
void work_queue_close(struct work_queue *q);

/* Begin a pass over all micro-batches. Call it only while no thread is working. */
void work_queue_restart(struct work_queue *q);

/* The micro-batch that thread `worker` computes next. Call it once for each micro-batch of a pass, from any threads. */
int work_queue_take(struct work_queue *q, int worker);

/* The list of a micro-batch. */
int work_queue_find(const struct work_queue *q, int micro);

#endif
