/* share - threads that help with an op while nobody else has work for them

   Several tapes may be in work side by side, a thread each. While there is only one, the other threads of the team take their part
   of its rows; as soon as another tape begins every tape is on its own again. Results must not depend on it: a row (a head, ...) is
   computed the same way whoever does it. */
#ifndef NN_SHARE_H
#define NN_SHARE_H

#include <stdatomic.h>

struct pool;

struct share {
	struct pool *pool;	/* NULL: nobody helps */
	atomic_int tapes;	/* in work now */
};

/* A tape that knows of `s` comes into work, and is done. Between the two its ops may be shared out. */
void share_begin(struct share *s);
void share_end(struct share *s);

/* Threads that may come to work on what is shared out: the workers of `piece` are numbered 0 .. that - 1. `s` may be NULL. */
int share_workers(const struct share *s);

/* piece(arg, from, to, worker) until 0 .. count-1 is covered, in ranges that begin at multiples of `unit`. By the calling thread
   alone, all at once, where `s` is NULL or another tape is in work. */
void share_out(struct share *s, int count, int unit, void (*piece)(void *arg, int from, int to, int worker), void *arg);

#endif
