/* pool - a fixed team of threads that share out numbered pieces of work */
#define _GNU_SOURCE
#include "base/pool.h"
#include "base/err.h"
#include "base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct pool {
	int threads;
	pthread_t *team;
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	long round;		/* counts calls of pool_run */
	bool open;		/* a round goes on: a thread that wakes later is not waited for */
	int busy;		/* threads of the team in this round */
	bool stop;
	int count;
	atomic_int next;
	void (*piece)(void *arg, int i, int worker);
	void *arg;
};

struct seat { struct pool *pool; int worker; };

int
pool_default(void)
{
	const char *s = getenv("TSCAE_THREADS");
	cpu_set_t set;
	int n = s ? atoi(s) : 0;

	if (n < 1 && sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > 1024 ? 1024 : n;
}

static void
take(struct pool *p, int worker)
{
	int i;

	while ((i = atomic_fetch_add(&p->next, 1)) < p->count)
		p->piece(p->arg, i, worker);
}

static void *
member(void *arg)
{
	struct seat *seat = arg;
	struct pool *p = seat->pool;
	int worker = seat->worker;
	long seen = 0;

	free(seat);
	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!(p->open && p->round != seen) && !p->stop)
			pthread_cond_wait(&p->work, &p->lock);
		if (p->stop)
			break;
		seen = p->round;
		p->busy++;
		pthread_mutex_unlock(&p->lock);
		take(p, worker);
		pthread_mutex_lock(&p->lock);
		if (--p->busy == 0 && !p->open)
			pthread_cond_signal(&p->idle);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct pool *
pool_new(int threads)
{
	struct pool *p = mem_new(sizeof *p);
	sigset_t all, old;
	int i, failed = 0;

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->idle, NULL);
	p->team = mem_new(sizeof *p->team * (size_t)threads);
	p->threads = 1;
	/* signals go to the main thread, which knows what to do with them */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (i = 1; i < threads && !failed; i++) {
		struct seat *seat = mem_new(sizeof *seat);

		*seat = (struct seat){ p, i };
		failed = pthread_create(&p->team[i], NULL, member, seat);
		if (failed)
			free(seat);
		else
			p->threads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (failed) {
		pool_free(p);
		err(ERR_OS, "cannot start thread %d of %d: %s", i, threads, strerror(failed));
		return NULL;
	}
	return p;
}

int
pool_threads(const struct pool *p)
{
	return p->threads;
}

void
pool_run(struct pool *p, int count, void (*piece)(void *arg, int i, int worker), void *arg)
{
	pthread_mutex_lock(&p->lock);
	p->count = count;
	p->piece = piece;
	p->arg = arg;
	atomic_store(&p->next, 0);
	p->round++;
	p->open = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	take(p, 0);
	pthread_mutex_lock(&p->lock);
	p->open = false;
	while (p->busy > 0)
		pthread_cond_wait(&p->idle, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void
pool_free(struct pool *p)
{
	int i;

	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (i = 1; i < p->threads; i++)
		pthread_join(p->team[i], NULL);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->work);
	pthread_cond_destroy(&p->idle);
	free(p->team);
	free(p);
}
