/* apply - the same work on one thing after another, by several threads, results in order */
#include "tool/apply.h"
#include "base/err.h"
#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct ring {
	const struct apply *a;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	long taken, begun, put;	/* things so far; begun <= taken, put <= begun */
	bool *ready;		/* by slot */
	bool waiting;		/* the calling thread waits for thing number `put` */
	bool stop;
};

struct seat { struct ring *ring; int worker; };

static void *
member(void *arg)
{
	struct seat *seat = arg;
	struct ring *r = seat->ring;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		long n;

		while (r->begun == r->taken && !r->stop)
			pthread_cond_wait(&r->work, &r->lock);
		if (r->stop)
			break;
		n = r->begun++;
		pthread_mutex_unlock(&r->lock);
		r->a->work(r->arg, (int)(n % r->a->slots), seat->worker);
		pthread_mutex_lock(&r->lock);
		r->ready[n % r->a->slots] = true;
		if (r->waiting && n == r->put)
			pthread_cond_signal(&r->done);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Fill free slots; true while there is more to take. */
static int
fill(struct ring *r)
{
	int got = 1;

	while (r->taken - r->put < r->a->slots && (got = r->a->take(r->arg, (int)(r->taken % r->a->slots))) > 0) {
		pthread_mutex_lock(&r->lock);
		r->ready[r->taken % r->a->slots] = false;
		r->taken++;
		pthread_cond_signal(&r->work);
		pthread_mutex_unlock(&r->lock);
	}
	return got;
}

static int
drain(struct ring *r)
{
	int slot = (int)(r->put % r->a->slots);

	pthread_mutex_lock(&r->lock);
	r->waiting = true;
	while (!r->ready[slot])
		pthread_cond_wait(&r->done, &r->lock);
	r->waiting = false;
	pthread_mutex_unlock(&r->lock);
	if (r->a->put(r->arg, slot) < 0)
		return -1;
	pthread_mutex_lock(&r->lock);
	r->put++;
	pthread_mutex_unlock(&r->lock);
	return 0;
}

static int
run(struct ring *r)
{
	int more = 1;

	while (more > 0 || r->put < r->taken) {
		if (more > 0)
			more = fill(r);
		if (more < 0)
			return -1;
		if (r->put < r->taken && drain(r) < 0)
			return -1;
	}
	return 0;
}

static int
alone(const struct apply *a, void *arg)
{
	int got;

	while ((got = a->take(arg, 0)) > 0) {
		a->work(arg, 0, 0);
		if (a->put(arg, 0) < 0)
			return -1;
	}
	return got;
}

int
apply(const struct apply *a, void *arg)
{
	struct ring r = { .a = a, .arg = arg };
	struct seat *seats;
	pthread_t *team;
	sigset_t all, old;
	int i, n, failed = 0, result;

	if (a->threads <= 1)
		return alone(a, arg);
	seats = mem_new(sizeof *seats * (size_t)a->threads);
	team = mem_new(sizeof *team * (size_t)a->threads);
	r.ready = mem_new(sizeof *r.ready * (size_t)a->slots);
	pthread_mutex_init(&r.lock, NULL);
	pthread_cond_init(&r.work, NULL);
	pthread_cond_init(&r.done, NULL);
	/* signals go to the main thread, which knows what to do with them */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	for (n = 0; n < a->threads && !failed; n += !failed) {
		seats[n] = (struct seat){ &r, n };
		failed = pthread_create(&team[n], NULL, member, &seats[n]);
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	result = failed ? err(ERR_OS, "cannot start thread %d of %d: %s", n + 1, a->threads, strerror(failed)) : run(&r);
	pthread_mutex_lock(&r.lock);
	r.stop = true;
	pthread_cond_broadcast(&r.work);
	pthread_mutex_unlock(&r.lock);
	for (i = 0; i < n; i++)
		pthread_join(team[i], NULL);
	pthread_cond_destroy(&r.done);
	pthread_cond_destroy(&r.work);
	pthread_mutex_destroy(&r.lock);
	free(r.ready);
	free(team);
	free(seats);
	return result;
}
