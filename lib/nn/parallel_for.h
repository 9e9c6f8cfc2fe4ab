/* parallel_for - the rows of an op divided among threads that have nothing else to do

   Several tapes may be in use side by side, each on a thread of a pool. While there is only one, the other threads of the pool take a
   part of its rows; with a second tape every tape is on its own again. Results must not depend on it: a row (a head, ...) is computed
   the same way by any thread. */
#ifndef NN_PARALLEL_FOR_H
#define NN_PARALLEL_FOR_H

#include <stdatomic.h>

struct pool;

struct parallel_for {
	struct pool *pool;	/* NULL: no other threads */
	atomic_int tapes;	/* in use now */
};

/* Begin and end the use of a tape whose team is `p`: in between its ops may be divided. */
void parallel_for_enter(struct parallel_for *p);
void parallel_for_leave(struct parallel_for *p);

/* Threads that may take a part: the workers of `piece` are numbered 0 .. that - 1. `p` may be NULL. */
int parallel_for_workers(const struct parallel_for *p);

/* Call piece(arg, from, to, worker) until 0 .. count-1 is covered, in ranges that begin at multiples of `unit`. By the calling thread
   alone, all at once, where `p` is NULL or another tape is in use. */
void parallel_for(struct parallel_for *p, int count, int unit, void (*piece)(void *arg, int from, int to, int worker), void *arg);

#endif
