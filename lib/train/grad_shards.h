/* grad_shards - the fixed division of a batch into shards and micro-batches, and their assignment to threads

   Shard v of S has the images v, v + S, v + 2S ... of the sequence and the v-th part of each batch. Rank r of R has the
   shards r, r + R, r + 2R ... The batch of a rank has the images of its first shard first, then those of the next; the
   order of the images of all ranks is shard 0, shard 1, ... The shards and micro-batches do not
   depend on the number of ranks or threads. */
#ifndef TRAIN_GRAD_SHARDS_H
#define TRAIN_GRAD_SHARDS_H

#include "nn/parallel.h"
#include "nn/params.h"
#include "train/comm.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Images first .. first+n-1 of the batch of this rank. */
struct micro_batch {
	int shard;		/* among those of this rank */
	int first, n;
	int index;		/* of the first image, among the images of all ranks */
};

struct grad_shards {
	int batch;		/* images of all ranks together */
	int count;		/* shards of all ranks together */
	int here;		/* shards of this rank */
	int micro_count;	/* micro-batches of this rank; those of a shard follow each other */
	struct micro_batch *micro_batches;	/* owned */
	int *groups;		/* here + 1 of them: first image of each shard here, and the end (batch.h); owned */
	size_t *offsets;	/* count + 1 of them, for comm_allgather(); owned */
	struct comm *comm;	/* NULL: one process */
};

/* Divide batches of `batch` images among `count` shards (at most the batch, a multiple of the ranks), in micro-batches
   of at most `micro` images. */
void grad_shards_open(struct grad_shards *s, struct comm *comm, int batch, int count, int micro);
void grad_shards_close(struct grad_shards *s);

/* Index in the whole run of a shard of this rank. */
int grad_shards_id(const struct grad_shards *s, int shard);

/* Images of each batch on this rank; the slot of the rank's i-th image (from 0) in its batch. */
int grad_shards_images(const struct grad_shards *s);
int grad_shards_slot(const struct grad_shards *s, int i);

/* All-gather: `data` holds `each` bytes of every image of all ranks (grad_shards_gather_each: of every shard); this
   rank has written its own. */
void grad_shards_gather(struct grad_shards *s, void *data, size_t each);
void grad_shards_gather_each(struct grad_shards *s, void *data, size_t each);

/* A work list holds the micro-batches that add to one block of gradients: those of a shard, or all of them. A thread
   starts with a list of its own; at its end it takes from the longest list, so that a slow thread delays no other. The
   sums do not depend on the thread that computes a micro-batch: those of a list add to each parameter in their order
   (nn/parallel.h). */
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
