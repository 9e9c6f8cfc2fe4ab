/* overlap - the all-reduce of gradients in buckets, during the backward pass */
#define _POSIX_C_SOURCE 200809L
#include "train/overlap.h"
#include "base/mem.h"
#include "base/pool.h"
#include "nn/parallel.h"
#include "nn/params.h"
#include "train/comm.h"
#include "train/consumed.h"
#include "train/grad_shards.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

/* Add up a piece of the bucket over the blocks of this rank; false: none is left, or the bucket is not complete. */
static bool
add_piece(struct overlap *o, struct overlap_bucket *b)
{
	const int i = atomic_load(&b->missing) || atomic_load(&b->begun) >= b->pieces ? b->pieces
		: atomic_fetch_add(&b->begun, 1);
	const size_t from = (size_t)i * COMM_PIECE, left = b->size - from;

	if (i >= b->pieces)
		return false;
	comm_add_blocks(o->comm, o->blocks, o->queue->count, b->from + from, left < COMM_PIECE ? left : COMM_PIECE);
	atomic_fetch_add(&b->added, 1);
	return true;
}

/* Add up at most `most` pieces of complete buckets. */
static void
help(struct overlap *o, int most)
{
	int i;

	for (i = 0; i < o->count && most > 0; i++)
		while (most > 0 && add_piece(o, &o->buckets[o->order[i]]))
			most--;
}

/* A micro-batch has released a parameter. */
static void
released(void *arg, int id, int ticket)
{
	enum { MOST = 4 };	/* pieces at once; all threads share those that are left at the end of the pass */
	struct overlap *o = arg;
	const int bucket = o->of_param[id];

	(void)ticket;
	if (atomic_fetch_sub(&o->buckets[bucket].missing, 1) == 1)
		o->completed[atomic_fetch_add(&o->complete, 1)] = bucket;
	help(o, MOST);
}

static void
help_to_end(void *arg, int i, int worker)
{
	(void)i, (void)worker;
	help(arg, INT_MAX);
}

static void *
send(void *arg)
{
	struct overlap *o = arg;
	const struct timespec nap = { .tv_nsec = 100000 };
	int i;

	for (i = 0; i < o->count; i++) {
		struct overlap_bucket *b = &o->buckets[o->order[i]];

		while (atomic_load(&b->missing) || atomic_load(&b->added) < b->pieces)
			nanosleep(&nap, NULL);
		comm_add_ranks(o->comm, o->blocks[0] + b->from, b->size);
	}
	return NULL;
}

/* Divide the parameters, in the order of memory, among buckets of about `bytes`; without those that are all frozen. */
static void
divide(struct overlap *o, long bytes)
{
	const struct work_queue *q = o->queue;
	const int micro_batches = q->lists[q->count - 1].end;
	struct overlap_bucket *b = NULL;
	int i;

	for (i = 0; i < o->params->count; i++) {
		const struct param *p = &o->params->list[i];

		o->of_param[i] = -1;
		if (p->frozen)
			continue;
		if (!b || (p->offset + p->count - b->from) * sizeof(float) > (size_t)bytes) {
			b = &o->buckets[o->count++];
			b->from = p->offset;
		}
		o->of_param[i] = o->count - 1;
		b->size = p->offset + p->count - b->from;
		b->awaited += micro_batches;
	}
	for (i = 0; i < o->count; i++) {
		o->buckets[i].pieces = comm_adds_blocks(o->comm, q->count) ? (int)comm_partials(o->buckets[i].size)
			: 0;
		o->order[i] = o->count - 1 - i;	/* backward begins at the end */
	}
}

void
overlap_open(struct overlap *o, struct comm *comm, struct pool *pool, const struct params *params,
	struct work_queue *queue, float *const *blocks, long bytes)
{
	const size_t most = (size_t)params->count;

	*o = (struct overlap){ .comm = comm, .pool = pool, .params = params, .queue = queue, .blocks = blocks };
	o->partials = mem_array(comm_partials(params->size), sizeof *o->partials);
	if (bytes == 0 || !comm || comm->ranks == 1)
		return;
	o->buckets = mem_array(most, sizeof *o->buckets);
	o->of_param = mem_array(most, sizeof *o->of_param);
	o->order = mem_array(most, sizeof *o->order);
	o->completed = mem_array(most, sizeof *o->completed);
	divide(o, bytes);
}

void
overlap_close(struct overlap *o)
{
	free(o->partials);
	free(o->buckets);
	free(o->of_param);
	free(o->order);
	free(o->completed);
	*o = (struct overlap){ 0 };
}

void
overlap_begin(struct overlap *o)
{
	sigset_t all, before;
	int i;

	if (o->count == 0)
		return;
	atomic_store(&o->complete, 0);
	for (i = 0; i < o->count; i++) {
		atomic_store(&o->buckets[i].missing, o->buckets[i].awaited);
		atomic_store(&o->buckets[i].begun, 0);
		atomic_store(&o->buckets[i].added, 0);
	}
	for (i = 0; i < o->queue->count; i++) {
		o->queue->lists[i].lock.passed = released;
		o->queue->lists[i].lock.arg = o;
	}
	/* signals are for the main thread */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	o->running = pthread_create(&o->thread, NULL, send, o) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* From now on send the buckets in the order in which they became complete on rank 0. */
static void
settle(struct overlap *o)
{
	long all[CONSUMED_RANKS_MAX];
	int i;

	for (i = 0; i < o->count; i++) {
		comm_exchange(o->comm, o->completed[i], all);
		o->order[i] = (int)all[0];
	}
	o->settled = true;
}

double
overlap_end(struct overlap *o)
{
	if (o->count == 0)
		return comm_allreduce(o->comm, o->pool, o->blocks, o->queue->count, o->params->size, o->partials);
	assert(atomic_load(&o->complete) == o->count);
	pool_run(o->pool, pool_threads(o->pool), help_to_end, o);
	if (o->running)
		pthread_join(o->thread, NULL);
	else
		send(o);
	if (!o->settled)
		settle(o);
	return comm_norm(o->pool, o->blocks[0], o->params->size, o->partials);
}
