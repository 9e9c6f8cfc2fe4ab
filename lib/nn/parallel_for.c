/* parallel_for - the rows of an op divided among idle threads */
#include "nn/parallel_for.h"
#include "base/pool.h"

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
