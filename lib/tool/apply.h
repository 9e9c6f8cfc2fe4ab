/* apply - the same work on one thing after another, by several threads, results in order

   A ring of slots: the calling thread fills a slot (take), some thread works on it, and the calling thread
   hands on the results in the order of taking (put). At most `slots` things are in flight, whatever the
   speeds, and the output does not depend on the number of threads. */
#ifndef TOOL_APPLY_H
#define TOOL_APPLY_H

struct apply {
	int threads;	/* that work; 1: the calling thread does everything */
	int slots;	/* in flight at most, from 1 */
	int (*take)(void *arg, int slot);		/* 1: the slot is filled; 0: the end; -1 and err() */
	void (*work)(void *arg, int slot, int worker);	/* worker: 0 .. threads-1, one at a time for each */
	int (*put)(void *arg, int slot);		/* 0, or -1 and err() */
};

/* Run until take says the end and everything is put. 0, or -1 and the err() of take or put; ERR_OS: no thread. */
int apply(const struct apply *a, void *arg);

#endif
