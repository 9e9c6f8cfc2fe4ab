/* share - threads that help with an op while nobody else has work for them */
#include "nn/share.h"
#include "base/pool.h"

#include <stddef.h>

struct task {
	int count, step;
	void (*piece)(void *arg, int from, int to, int worker);
	void *arg;
};

void
share_begin(struct share *s)
{
	atomic_fetch_add(&s->tapes, 1);
}

void
share_end(struct share *s)
{
	atomic_fetch_sub(&s->tapes, 1);
}

int
share_workers(const struct share *s)
{
	return s && s->pool ? pool_threads(s->pool) : 1;
}

static void
run(void *arg, int i, int worker)
{
	const struct task *t = arg;
	const int from = i * t->step, to = t->count - from < t->step ? t->count : from + t->step;

	t->piece(t->arg, from, to, worker);
}

/* The pool is never asked twice at a time: of two tapes that are in work each sees two, since both were counted before they looked. */
void
share_out(struct share *s, int count, int unit, void (*piece)(void *arg, int from, int to, int worker), void *arg)
{
	const int workers = share_workers(s), units = (count + unit - 1) / unit, step = (units + workers - 1) / workers * unit;
	struct task t = { count, step, piece, arg };

	if (workers == 1 || atomic_load(&s->tapes) != 1)
		piece(arg, 0, count, 0);
	else
		pool_run(s->pool, (count + step - 1) / step, run, &t);
}
