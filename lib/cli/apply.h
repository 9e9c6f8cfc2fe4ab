/* apply - the same work on one thing after another, by several threads, results in order

   The calling thread fills slots (take), a team works on them, and the calling thread hands on the results in the order of taking
   (put); where it would wait for a result it works too. So reading, work and writing go on side by side, and the output does not
   depend on the number of threads. Large things are fewer at a time than small ones. */
#ifndef CLI_APPLY_H
#define CLI_APPLY_H

#include <stddef.h>

struct ring;

struct apply {
	int threads;	/* that work, the calling one among them; 1: it does everything, one thing at a time */
	int slots;	/* in flight at most, from 1: APPLY_SLOTS a thread is a good number */
	int (*take)(void *arg, int slot);		/* 1: the slot is filled; 0: the end; -1 and err() */
	void (*work)(void *arg, int slot, int worker);	/* worker: 0 .. threads-1, one at a time for each */
	int (*put)(void *arg, int slot);		/* 0, or -1 and err() */
	size_t (*size)(void *arg, int slot);		/* bytes that the slot holds, asked for before it is put; NULL: few */
	void *arg;
	struct ring *ring;	/* apply's own */
};

enum { APPLY_SLOTS = 8 };

/* Run until take says the end and everything is put. 0, or -1 and the err() of take or put; ERR_OS: no thread. */
int apply(struct apply *a);

/* From within take, before it waits for something slow: put all that was taken before. 0, or -1 and the err() of put: then the
   team has gone, and the program must end. */
int apply_settle(struct apply *a);

#endif
