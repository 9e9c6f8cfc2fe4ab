/* pool - a fixed team of threads that work on the pieces of jobs */
#define _GNU_SOURCE
#include "base/pool.h"
#include "base/err.h"
#include "base/mem.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct pool {
	int threads;
	pthread_t *team;
	pthread_mutex_t lock;
	pthread_cond_t work;		/* for the team: there is work, or an end */
	pthread_cond_t done;		/* for owners of jobs */
	struct pool_job *newest;	/* open jobs */
	int idle;			/* threads of the team that wait */
	const atomic_bool *awaited;	/* what pool_wait() waits for */
	bool stop;
};

struct seat { struct pool *pool; int worker; };

/* of this thread: each thread of a pool has one; any other thread is worker 0 */
static _Thread_local struct seat seat;

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

static int
worker_of(const struct pool *p)
{
	return seat.pool == p ? seat.worker : 0;
}

/* The next pieces that no thread has begun, at most `most` of them; false: there are none. */
static bool
claim(const struct pool *p, struct pool_job *j, long most, long *from, long *to)
{
	long part;

	*from = atomic_load(&j->begun);
	do {
		part = atomic_load(&j->count) - *from;
		if (part <= 0)
			return false;
		part /= p->threads;
		*to = *from + (part < 1 ? 1 : part > most ? most : part);
	} while (!atomic_compare_exchange_weak(&j->begun, from, *to));
	return true;
}

/* The newest job that has pieces which no thread has begun. With the lock held. */
static struct pool_job *
find(const struct pool *p)
{
	struct pool_job *j = p->newest;

	while (j && atomic_load(&j->begun) >= atomic_load(&j->count))
		j = j->older;
	return j;
}

/* Work on a job, the lock being held before and after: `all` of its pieces, or one. */
static void
help(struct pool *p, struct pool_job *j, bool all)
{
	long from, to;

	j->busy++;
	pthread_mutex_unlock(&p->lock);
	while (claim(p, j, all ? j->group : 1, &from, &to)) {
		j->run(j->arg, from, to, worker_of(p));
		if (!all)
			break;
	}
	pthread_mutex_lock(&p->lock);
	if (--j->busy == 0 && !j->open)
		pthread_cond_broadcast(&p->done);
}

static void *
member(void *arg)
{
	struct pool *p;
	struct pool_job *j = NULL;

	seat = *(struct seat *)arg;
	free(arg);
	p = seat.pool;
	pthread_mutex_lock(&p->lock);
	for (;;) {
		while (!p->stop && !(j = find(p))) {
			p->idle++;
			pthread_cond_wait(&p->work, &p->lock);
			p->idle--;
		}
		if (p->stop)
			break;
		help(p, j, true);
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
	pthread_cond_init(&p->done, NULL);
	p->team = mem_array((size_t)threads, sizeof *p->team);
	p->threads = 1;
	/* signals go to the main thread, which handles them */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (i = 1; i < threads && !failed; i++) {
		struct seat *its = mem_new(sizeof *its);

		*its = (struct seat){ p, i };
		failed = pthread_create(&p->team[i], NULL, member, its);
		if (failed)
			free(its);
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
pool_open(struct pool *p, struct pool_job *j)
{
	atomic_init(&j->begun, 0);
	atomic_init(&j->count, 0);
	j->busy = 0;
	j->open = true;
	pthread_mutex_lock(&p->lock);
	j->older = p->newest;
	p->newest = j;
	pthread_mutex_unlock(&p->lock);
}

void
pool_grow(struct pool *p, struct pool_job *j)
{
	bool wake;

	pthread_mutex_lock(&p->lock);
	atomic_fetch_add(&j->count, 1);
	wake = p->idle > 0;
	pthread_mutex_unlock(&p->lock);
	if (wake)
		pthread_cond_signal(&p->work);
}

void
pool_close(struct pool *p, struct pool_job *j)
{
	struct pool_job **at = &p->newest;

	pthread_mutex_lock(&p->lock);
	atomic_store(&j->count, 0);
	j->open = false;
	while (*at != j)
		at = &(*at)->older;
	*at = j->older;
	while (j->busy > 0)
		pthread_cond_wait(&p->done, &p->lock);
	pthread_mutex_unlock(&p->lock);
}

void
pool_wait(struct pool *p, const atomic_bool *flag)
{
	struct pool_job *j;

	if (atomic_load(flag))
		return;
	pthread_mutex_lock(&p->lock);
	while (!atomic_load(flag))
		if ((j = find(p)))
			help(p, j, false);
		else {
			p->awaited = flag;
			pthread_cond_wait(&p->done, &p->lock);
			p->awaited = NULL;
		}
	pthread_mutex_unlock(&p->lock);
}

void
pool_wake(struct pool *p)
{
	pthread_mutex_lock(&p->lock);
	if (p->awaited && atomic_load(p->awaited))
		pthread_cond_broadcast(&p->done);
	pthread_mutex_unlock(&p->lock);
}

struct pieces { void (*piece)(void *arg, int i, int worker); void *arg; };

static void
run_piece(void *arg, long from, long to, int worker)
{
	const struct pieces *a = arg;

	for (; from < to; from++)
		a->piece(a->arg, (int)from, worker);
}

void
pool_run(struct pool *p, int count, void (*piece)(void *arg, int i, int worker), void *arg)
{
	struct pieces a = { piece, arg };
	struct pool_job j = { .run = run_piece, .arg = &a, .group = 1 };
	long from, to;

	pool_open(p, &j);
	pthread_mutex_lock(&p->lock);
	atomic_store(&j.count, count);
	pthread_cond_broadcast(&p->work);
	/* an owner that waits for a piece of another job helps too */
	if (p->awaited)
		pthread_cond_broadcast(&p->done);
	pthread_mutex_unlock(&p->lock);
	while (claim(p, &j, 1, &from, &to))
		run_piece(&a, from, to, worker_of(p));
	pool_close(p, &j);
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
	pthread_cond_destroy(&p->done);
	free(p->team);
	free(p);
}
