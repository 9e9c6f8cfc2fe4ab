/* chains - micro-batches that add to one block of gradients one after the other, and who computes the next

   Each lane is a chain, or one chain has them all. A thread begins with a chain of its own and follows it to its end; then it helps
   where most is left, so that a thread that falls behind (another program, a slower processor) holds nobody up. Who computes a
   micro-batch makes no difference to the sums: those of a chain take turns at each parameter (nn/turns.h). */
#ifndef TRAIN_CHAINS_H
#define TRAIN_CHAINS_H

#include "nn/turns.h"
#include "train/lanes.h"

#include <pthread.h>

struct chain {
	int first, end;		/* its micro-batches, numbered as in lanes->pieces */
	int next;		/* the one to take next */
	struct turns turns;
};

struct chains {
	int count;
	struct chain *list;	/* owned */
	int threads, *at;	/* the chain of each thread; owned */
	pthread_mutex_t lock;
};

/* Chains of all micro-batches here; `one`: a single one, in place of one for each lane. */
void chains_open(struct chains *c, const struct lanes *l, bool one, const struct params *p, int threads);
void chains_close(struct chains *c);

/* All micro-batches are to be taken, and it is the first one's turn everywhere. While no thread is at work. */
void chains_restart(struct chains *c);

/* The micro-batch that thread `worker` computes next. To be called once for each since chains_restart(), from any threads. */
int chains_take(struct chains *c, int worker);

/* The chain of a micro-batch. */
int chains_find(const struct chains *c, int part);

#endif
