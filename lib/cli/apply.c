/* apply - the same work on one thing after another, by several threads, results in order */
#include "cli/apply.h"
#include "base/err.h"
#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	HELD = 8 << 20,		/* bytes in flight above which there are LEAST slots a thread and no more */
	LEAST = 2,
	GROUP = 4		/* things that a thread of the team takes at once where there are plenty: locks cost as much as a small image's crop */
};

struct ring {
	const struct apply *a;
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	int *order;		/* slots by number of thing, modulo a->slots */
	int *spare, spares;	/* free slots; the one used last is used next, so that few hold memory where few are in flight */
	bool *ready;		/* by slot */
	long taken, begun, put;	/* things so far; begun <= taken, put <= begun */
	int limit;		/* things in flight */
	size_t largest;		/* bytes of a slot */
	int idle;		/* threads of the team that wait */
	bool waiting;		/* the calling thread waits for thing number `put` */
	bool stop;
	pthread_t *team;	/* threads 1 .. */
	struct seat *seats;
	int hired;
};

struct seat { struct ring *ring; int worker; };

static int
slot_of(const struct ring *r, long thing)
{
	return r->order[thing % r->a->slots];
}

/* Work on things from .. end-1, the lock being held before and after. */
static void
work_on(struct ring *r, long from, long end, int worker)
{
	long n;

	r->begun = end;
	pthread_mutex_unlock(&r->lock);
	for (n = from; n < end; n++)
		r->a->work(r->a->arg, slot_of(r, n), worker);
	pthread_mutex_lock(&r->lock);
	for (n = from; n < end; n++)
		r->ready[slot_of(r, n)] = true;
	if (r->waiting && from <= r->put && r->put < end)
		pthread_cond_signal(&r->done);
}

static void *
member(void *arg)
{
	struct seat *seat = arg;
	struct ring *r = seat->ring;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		long share;

		r->idle++;
		while (r->begun == r->taken && !r->stop)
			pthread_cond_wait(&r->work, &r->lock);
		r->idle--;
		if (r->stop)
			break;
		share = (r->taken - r->begun) / r->a->threads;
		work_on(r, r->begun, r->begun + (share < 1 ? 1 : share > GROUP ? GROUP : share), seat->worker);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* Fill free slots; 1 while there is more to take. */
static int
fill(struct ring *r)
{
	const struct apply *a = r->a;

	while (r->taken - r->put < r->limit) {
		/* before take, which may settle: that gives slots back */
		const int slot = r->spare[--r->spares], got = a->take(a->arg, slot);
		bool wake;

		if (got <= 0) {
			r->spare[r->spares++] = slot;
			return got;
		}
		pthread_mutex_lock(&r->lock);
		r->order[r->taken % a->slots] = slot;
		r->ready[slot] = false;
		r->taken++;
		wake = r->idle > 0;
		pthread_mutex_unlock(&r->lock);
		if (wake)
			pthread_cond_signal(&r->work);
	}
	return 1;
}

/* Until thing number `put` is ready: work too. */
static void
wait_for_next(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	while (!r->ready[slot_of(r, r->put)])
		if (r->begun < r->taken)
			work_on(r, r->begun, r->begun + 1, 0);
		else {
			r->waiting = true;
			pthread_cond_wait(&r->done, &r->lock);
			r->waiting = false;
		}
	pthread_mutex_unlock(&r->lock);
}

static int
hand_on(struct ring *r)
{
	const struct apply *a = r->a;
	const int slot = slot_of(r, r->put), least = LEAST * a->threads < a->slots ? LEAST * a->threads : a->slots;
	size_t size, fit;

	wait_for_next(r);
	size = a->size ? a->size(a->arg, slot) : 0;
	if (size > r->largest) {
		r->largest = size;
		fit = HELD / size;
		r->limit = fit < (size_t)least ? least : fit < (size_t)a->slots ? (int)fit : a->slots;
	}
	if (a->put(a->arg, slot) < 0)
		return -1;
	r->spare[r->spares++] = slot;
	/* `put` is read by the team where it says what is waited for */
	pthread_mutex_lock(&r->lock);
	r->put++;
	pthread_mutex_unlock(&r->lock);
	return 0;
}

/* The team goes when it has done what it is at. */
static void
dismiss(struct ring *r)
{
	pthread_mutex_lock(&r->lock);
	r->stop = true;
	pthread_cond_broadcast(&r->work);
	pthread_mutex_unlock(&r->lock);
	while (r->hired > 0)
		pthread_join(r->team[--r->hired], NULL);
}

int
apply_settle(struct apply *a)
{
	struct ring *r = a->ring;

	while (r && r->put < r->taken)
		if (hand_on(r) < 0) {
			dismiss(r);
			return -1;
		}
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
		if (r->put < r->taken && hand_on(r) < 0)
			return -1;
	}
	return 0;
}

static int
alone(const struct apply *a)
{
	int got;

	while ((got = a->take(a->arg, 0)) > 0) {
		a->work(a->arg, 0, 0);
		if (a->put(a->arg, 0) < 0)
			return -1;
	}
	return got;
}

static void
ring_open(struct ring *r, const struct apply *a)
{
	*r = (struct ring){ .a = a, .limit = a->slots, .spares = a->slots };
	r->order = mem_new(sizeof *r->order * (size_t)a->slots);
	r->spare = mem_new(sizeof *r->spare * (size_t)a->slots);
	r->ready = mem_new(sizeof *r->ready * (size_t)a->slots);
	r->team = mem_new(sizeof *r->team * (size_t)a->threads);
	r->seats = mem_new(sizeof *r->seats * (size_t)a->threads);
	for (int i = 0; i < a->slots; i++)
		r->spare[i] = a->slots - 1 - i;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->work, NULL);
	pthread_cond_init(&r->done, NULL);
}

static void
ring_close(struct ring *r)
{
	dismiss(r);
	pthread_cond_destroy(&r->done);
	pthread_cond_destroy(&r->work);
	pthread_mutex_destroy(&r->lock);
	free(r->seats);
	free(r->team);
	free(r->ready);
	free(r->spare);
	free(r->order);
}

/* all but the calling thread */
static int
hire(struct ring *r)
{
	sigset_t all, old;
	int failed = 0;

	/* signals go to the main thread, which knows what to do with them */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	while (r->hired < r->a->threads - 1 && !failed) {
		r->seats[r->hired] = (struct seat){ r, r->hired + 1 };
		failed = pthread_create(&r->team[r->hired], NULL, member, &r->seats[r->hired]);
		r->hired += !failed;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return failed ? err(ERR_OS, "cannot start thread %d of %d: %s", r->hired + 2, r->a->threads, strerror(failed)) : 0;
}

int
apply(struct apply *a)
{
	struct ring r;
	int result;

	if (a->threads <= 1)
		return alone(a);
	ring_open(&r, a);
	a->ring = &r;
	result = hire(&r) < 0 ? -1 : run(&r);
	a->ring = NULL;
	ring_close(&r);
	return result;
}
