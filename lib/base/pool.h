/* pool - a fixed team of threads that share out numbered pieces of work

   Which thread takes which piece is left open; results must not depend on it: a piece writes
   only what belongs to its number. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

struct pool;

/* Threads to use when nobody says: TSCAE_THREADS, else the processors this process may run on. */
int pool_default(void);

/* A team of `threads` (1 .. 1024), the caller included. NULL and err() if the system refuses. */
struct pool *pool_new(int threads);

int pool_threads(const struct pool *p);

/* Run piece(arg, i, worker) for every i in 0 .. count-1 and return when all are done.
   worker is 0 .. threads-1 and belongs to one thread for the whole call. Not reentrant. */
void pool_run(struct pool *p, int count, void (*piece)(void *arg, int i, int worker), void *arg);

void pool_free(struct pool *p);

#endif
