/* pool - a fixed team of threads that work on the pieces of jobs

   A job is a number of pieces, which the threads of the pool take one after the other. Several jobs may be open: the
   newest comes first, and a piece may itself run a job on its pool. Any thread may take any piece; results must not
   depend on it: a piece writes only the data that belongs to its number. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdbool.h>

struct pool;

/* A job that grows while it is open: ordered.h is one. */
struct pool_job {
	/* Work on pieces from .. to-1. worker: 0 .. threads-1, one at a time for each */
	void (*run)(void *arg, long from, long to, int worker);
	void *arg;
	int group;		/* pieces that a thread takes at once where there are plenty, from 1 */

	/* private */
	atomic_long begun, count;	/* pieces so far */
	int busy;		/* threads at work on it, its owner not counted */
	bool open;
	struct pool_job *older;
};

/* Default number of threads: TSCAE_THREADS, else the processors this process may run on. */
int pool_default(void);

/* A team of `threads` (1 .. 1024), the caller included. NULL and err() if the system refuses. */
struct pool *pool_new(int threads) ERR_CHECK;
void pool_free(struct pool *p);

int pool_threads(const struct pool *p);

/* Run piece(arg, i, worker) for every i in 0 .. count-1 and return when all are done. worker is 0 .. threads-1 and
   belongs to one thread: 0 to the owner of the pool. From the owner, or from a piece of another job of this pool. */
void pool_run(struct pool *p, int count, void (*piece)(void *arg, int i, int worker), void *arg);

/* The same for a job that grows, by its owner: open it, without pieces; one piece more; close it, when the pieces that
   were begun are done. */
void pool_open(struct pool *p, struct pool_job *j);
void pool_grow(struct pool *p, struct pool_job *j);
void pool_close(struct pool *p, struct pool_job *j);

/* Work on open jobs, a piece at a time, until `flag` is set. By the owner of the pool. */
void pool_wait(struct pool *p, const atomic_bool *flag);

/* A flag was set that pool_wait() may wait for. */
void pool_wake(struct pool *p);

#endif
