/* parallel - several tapes on several threads: rows divided among idle threads, gradients added in order */
#include "nn/parallel.h"
#include "base/mem.h"
#include "base/pool.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

/* parallel_for - the rows of an op divided among idle threads */

struct parallel_for_rows {
	int count, step;
	void (*piece)(void *arg, int from, int to, int worker);
	void *arg;
};

void
parallel_for_enter(struct parallel_for *p)
{
	atomic_fetch_add(&p->tapes, 1);
}

void
parallel_for_leave(struct parallel_for *p)
{
	atomic_fetch_sub(&p->tapes, 1);
}

int
parallel_for_workers(const struct parallel_for *p)
{
	return p && p->pool ? pool_threads(p->pool) : 1;
}

static void
run(void *arg, int i, int worker)
{
	const struct parallel_for_rows *t = arg;
	const int from = i * t->step, to = t->count - from < t->step ? t->count : from + t->step;

	t->piece(t->arg, from, to, worker);
}

void
parallel_for(struct parallel_for *p, int count, int unit, void (*piece)(void *arg, int from, int to, int worker),
	void *arg)
{
	const int workers = parallel_for_workers(p), units = (count + unit - 1) / unit,
	    step = (units + workers - 1) / workers * unit;
	struct parallel_for_rows t = { count, step, piece, arg };

	if (workers == 1 || atomic_load(&p->tapes) != 1)
		piece(arg, 0, count, 0);
	else
		pool_run(p->pool, (count + step - 1) / step, run, &t);
}

/* ticket_lock - one block of gradients for several tapes: they add to each parameter in the order of their tickets */

void
ticket_lock_open(struct ticket_lock *l, const struct params *p)
{
	*l = (struct ticket_lock){ .params = p, .serving = mem_array((size_t)p->count, sizeof *l->serving) };
}

void
ticket_lock_close(struct ticket_lock *l)
{
	free(l->serving);
	*l = (struct ticket_lock){ 0 };
}

void
ticket_lock_restart(struct ticket_lock *l)
{
	int i;

	for (i = 0; i < l->params->count; i++)
		atomic_store(&l->serving[i], 0);
}

void
ticket_lock_wait(struct ticket_lock *l, int id, int ticket)
{
	enum { SPINS = 256 };	/* before it sleeps, so that other threads get the processor */
	const struct timespec nap = { .tv_nsec = 20000 };
	int spins = 0;

	while (atomic_load_explicit(&l->serving[id], memory_order_acquire) != ticket)
		if (++spins < SPINS)
			sched_yield();
		else
			nanosleep(&nap, NULL);
}

void
ticket_lock_pass(struct ticket_lock *l, int id, int ticket)
{
	atomic_store_explicit(&l->serving[id], ticket + 1, memory_order_release);
	if (l->passed)
		l->passed(l->arg, id, ticket);
}
