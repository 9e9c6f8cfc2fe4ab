/* ordered - the same work on one item after another, by the threads of a pool, results in order */
#include "base/ordered.h"
#include "base/mem.h"
#include "base/pool.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum {
	HELD = 8 << 20, /* bytes in flight above which there are LEAST slots a thread and no more */
	LEAST = 2,
	SLOTS = 8, /* a thread */
	GROUP = 4 /* items that a thread of the team takes at once where there are plenty: locks cost as much as a small
		image's crop */
};

struct ordered_ring {
	const struct ordered *o;
	struct pool_job job;	/* its pieces are the items */
	int *order;		/* slots by number of item, modulo o->slots */
	int *spare, spares; /* free slots; the one used last is used next, so that few hold memory where few are in
		flight */
	atomic_bool *ready;	/* by slot */
	long taken, put;	/* items so far; put <= taken */
	int limit;		/* items in flight */
	size_t largest;		/* bytes of a slot */
};

static int
threads_of(const struct ordered *o)
{
	return o->pool ? pool_threads(o->pool) : 1;
}

int
ordered_slots(const struct pool *pool)
{
	return pool && pool_threads(pool) > 1 ? SLOTS * pool_threads(pool) : 1;
}

static int
slot_of(const struct ordered_ring *r, long item)
{
	return r->order[item % r->o->slots];
}

static void
work(void *arg, long from, long to, int worker)
{
	struct ordered_ring *r = arg;
	int slots[GROUP], n = 0;

	/* once an item is ready, the calling thread may change the order */
	for (; from < to; from++)
		slots[n++] = slot_of(r, from);
	for (int i = 0; i < n; i++)
		r->o->work(r->o->arg, slots[i], worker);
	for (int i = 0; i < n; i++)
		atomic_store(&r->ready[slots[i]], true);
	pool_wake(r->o->pool);
}

/* Fill free slots; 1 while there is more to take. */
static int
fill(struct ordered_ring *r)
{
	const struct ordered *o = r->o;

	while (r->taken - r->put < r->limit) {
		/* before take, which may settle: that gives slots back */
		const int slot = r->spare[--r->spares], got = o->take(o->arg, slot);

		if (got <= 0) {
			r->spare[r->spares++] = slot;
			return got;
		}
		r->order[r->taken++ % o->slots] = slot;
		atomic_store(&r->ready[slot], false);
		pool_grow(o->pool, &r->job);
	}
	return 1;
}

static int
hand_on(struct ordered_ring *r)
{
	const struct ordered *o = r->o;
	const int slot = slot_of(r, r->put), threads = threads_of(o),
		least = LEAST * threads < o->slots ? LEAST * threads : o->slots;
	size_t size, fit;

	pool_wait(o->pool, &r->ready[slot]);
	size = o->size ? o->size(o->arg, slot) : 0;
	if (size > r->largest) {
		r->largest = size;
		fit = HELD / size;
		r->limit = fit < (size_t)least ? least : fit < (size_t)o->slots ? (int)fit : o->slots;
	}
	if (o->put(o->arg, slot) < 0)
		return -1;
	r->spare[r->spares++] = slot;
	r->put++;
	return 0;
}

int
ordered_settle(struct ordered *o)
{
	struct ordered_ring *r = o->ring;

	while (r && r->put < r->taken)
		if (hand_on(r) < 0) {
			pool_close(o->pool, &r->job);
			return -1;
		}
	return 0;
}

static int
run(struct ordered_ring *r)
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
alone(const struct ordered *o)
{
	int got;

	while ((got = o->take(o->arg, 0)) > 0) {
		o->work(o->arg, 0, 0);
		if (o->put(o->arg, 0) < 0)
			return -1;
	}
	return got;
}

int
ordered_run(struct ordered *o)
{
	struct ordered_ring r = {
		.o = o, .job = { .run = work, .arg = &r, .group = GROUP }, .limit = o->slots, .spares = o->slots
	};
	int result;

	if (threads_of(o) == 1)
		return alone(o);
	r.order = mem_array((size_t)o->slots, sizeof *r.order);
	r.spare = mem_array((size_t)o->slots, sizeof *r.spare);
	r.ready = mem_array((size_t)o->slots, sizeof *r.ready);
	for (int i = 0; i < o->slots; i++)
		r.spare[i] = o->slots - 1 - i;
	o->ring = &r;
	pool_open(o->pool, &r.job);
	result = run(&r);
	pool_close(o->pool, &r.job);
	o->ring = NULL;
	free(r.ready);
	free(r.spare);
	free(r.order);
	return result;
}
