/* grad_shards - the fixed division of a batch into shards and micro-batches, for any number of ranks and threads

   Shard v of S has the images v, v + S, v + 2S ... of the sequence and the v-th part of each batch. Rank r of R has the
   shards r, r + R, r + 2R ... The batch of a rank has the images of its first shard first, then those of the next; the
   order of the images of all ranks is shard 0, shard 1, ... */
#ifndef TRAIN_GRAD_SHARDS_H
#define TRAIN_GRAD_SHARDS_H

#include "train/comm.h"

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

#endif
