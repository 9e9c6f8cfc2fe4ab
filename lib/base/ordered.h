/* ordered - the same work on one item after another, by the threads of a pool, results in order

   The calling thread fills slots (take), the pool works on them, and the calling thread outputs the results in the
   order of taking (put); instead of waiting for a result it works too. So reading, work and writing overlap, and the
   output does not depend on the number of threads. Fewer large items are in flight than small ones. */
#ifndef BASE_ORDERED_H
#define BASE_ORDERED_H

#include "base/err.h"

#include <stddef.h>

struct pool;
struct ordered_ring;

struct ordered {
	struct pool *pool;	/* of the calling thread; NULL or a single thread: one item at a time */
	int slots;		/* in flight at most: ordered_slots() is a good number */
	int (*take)(void *arg, int slot);		/* 1: the slot is filled; 0: the end; -1 and err() */
	void (*work)(void *arg, int slot, int worker);	/* worker: 0 .. threads-1, one at a time for each */
	int (*put)(void *arg, int slot);		/* 0, or -1 and err() */
	size_t (*size)(void *arg, int slot); /* bytes that the slot holds, asked for before it is put; NULL: few */
	void *arg;
	struct ordered_ring *ring;	/* private */
};

/* Slots that keep a pool busy; pool may be NULL. */
int ordered_slots(const struct pool *pool);

/* Run until take returns 0 and everything is put. 0, or -1 and the err() of take or put. */
int ordered_run(struct ordered *o) ERR_CHECK;

/* From within take, before it waits for something slow: put all that was taken before. 0, or -1 and the err() of put:
   then the program must end. */
int ordered_settle(struct ordered *o) ERR_CHECK;

#endif
