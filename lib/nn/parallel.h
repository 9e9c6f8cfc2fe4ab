/* parallel - several tapes on several threads: rows divided among idle threads, gradients added in order

   parallel_for: each tape in use has one thread of a pool. While only one is in use, the other threads of the pool
   compute part of its rows; as soon as a second tape is in use, each tape has one thread. Results must not depend on
   it: every thread computes a row (a head, ...) the same way.

   ticket_lock: several tapes add to one block of gradients, to each parameter in a fixed order. Each tape has a
   ticket, 0, 1, 2 ... Ticket k may add to the gradient of a parameter when every lower ticket has added to it for the
   last time, so the sum has one order for any number of threads, and threads follow each other through the layers. The
   lowest outstanding ticket never blocks: begin the tickets in their order, and there is no deadlock. */
#ifndef NN_PARALLEL_H
#define NN_PARALLEL_H

#include "nn/params.h"

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

struct ticket_lock {
	const struct params *params;
	atomic_int *serving;	/* the ticket that may add to each parameter now; owned */
	void (*passed)(void *arg, int id, int ticket);	/* called after ticket_lock_pass(); NULL: nothing */
	void *arg;		/* of `passed` */
};

void ticket_lock_open(struct ticket_lock *l, const struct params *p);
void ticket_lock_close(struct ticket_lock *l);

/* Serve ticket 0 next, at every parameter. Call it only while no tape is in use. */
void ticket_lock_restart(struct ticket_lock *l);

/* Wait until parameter `id` serves this ticket; let it serve the next one. */
void ticket_lock_wait(struct ticket_lock *l, int id, int ticket);
void ticket_lock_pass(struct ticket_lock *l, int id, int ticket);

#endif
