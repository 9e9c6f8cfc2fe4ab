/* parallel_for - the rows of an op divided among idle threads

   Several tapes may be in use at once, each on one thread of a pool. While only one is in use, the other threads of the
   pool compute part of its rows; as soon as a second tape is in use, each tape has one thread. Results must not depend
   on it: every thread computes a row (a head, ...) the same way. */
#ifndef NN_PARALLEL_FOR_H
#define NN_PARALLEL_FOR_H

#include <stdatomic.h>

struct pool;

struct parallel_for {
	struct pool *pool;	/* NULL: no other threads */
	atomic_int tapes;	/* in use now */
};

/* Begin and end the use of a tape whose team is `p`: between the calls its ops may be divided. */
void parallel_for_enter(struct parallel_for *p);
void parallel_for_leave(struct parallel_for *p);

/* Number of threads that may take part; `worker` of a piece is below it. `p` may be NULL. */
int parallel_for_workers(const struct parallel_for *p);

/* Call piece(arg, from, to, worker) until 0 .. count-1 is covered, in ranges that begin at multiples of `unit`. If `p`
   is NULL or another tape is in use, the calling thread computes all of it in one call. */
void parallel_for(struct parallel_for *p, int count, int unit, void (*piece)(void *arg, int from, int to, int worker),
	void *arg);

#endif
