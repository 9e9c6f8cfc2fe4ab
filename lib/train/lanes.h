/* lanes - how a batch is shared out among ranks, threads and micro-batches, the same way whatever their number

   Lane v has every lanes-th image of the sequence and the v-th part of each batch. Rank r of R has the lanes r, r + R, r + 2R ...
   In a rank's batch the images of its first lane come first, then those of the next; among the images of all ranks lane 0's
   come first, then lane 1's. */
#ifndef TRAIN_LANES_H
#define TRAIN_LANES_H

#include "train/comm.h"

/* A micro-batch: images first .. first+n-1 of the batch that is here. */
struct lanes_piece {
	int lane;		/* among those here */
	int first, n;
	int place;		/* of the first one, among the images of all ranks */
};

struct lanes {
	int batch;		/* images of all ranks together */
	int count;		/* lanes of all ranks together */
	int here;		/* lanes of this rank */
	int parts;		/* micro-batches here; those of a lane follow each other */
	struct lanes_piece *pieces;	/* owned */
	int *groups;		/* here + 1 of them: first image of each lane here, and the end (batch.h); owned */
	size_t *offsets;	/* count + 1 of them, for comm_gather(); owned */
	struct comm *comm;	/* NULL: one process */
};

/* Share out batches of `batch` images among `count` lanes (at most the batch, a multiple of the ranks), in micro-batches of
   `micro`. */
void lanes_open(struct lanes *l, struct comm *comm, int batch, int count, int micro);
void lanes_close(struct lanes *l);

/* Number in the whole run of a lane that is here; images of lane v in each batch; images of all lanes before it. */
int lanes_number(const struct lanes *l, int lane);
int lanes_size(const struct lanes *l, int v);
int lanes_before(const struct lanes *l, int v);

/* Images of each batch that are here; and where in it this rank's i-th one (from 0) belongs. */
int lanes_images(const struct lanes *l);
int lanes_slot(const struct lanes *l, int i);

/* `data` holds `each` bytes of every image of all ranks (lanes_gather_each: of every lane), this rank's filled in: bring all
   together. */
void lanes_gather(struct lanes *l, void *data, size_t each);
void lanes_gather_each(struct lanes *l, void *data, size_t each);

#endif
