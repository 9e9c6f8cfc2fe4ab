/* grad_shards - the fixed division of a batch into shards and micro-batches, and their assignment to threads */
#include "train/grad_shards.h"
#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

int
grad_shards_id(const struct grad_shards *s, int shard)
{
	return s->comm ? s->comm->rank + shard * s->comm->ranks : shard;
}

/* Images of shard v in each batch. */
static int
images_of(const struct grad_shards *s, int v)
{
	return s->batch / s->count + (v < s->batch % s->count);
}

/* Images of all shards before shard v. */
static int
images_before(const struct grad_shards *s, int v)
{
	const int more = s->batch % s->count;

	return v * (s->batch / s->count) + (v < more ? v : more);
}

int
grad_shards_images(const struct grad_shards *s)
{
	return s->groups[s->here];
}

int
grad_shards_slot(const struct grad_shards *s, int i)
{
	return s->groups[i % s->here] + i / s->here;
}

void
grad_shards_open(struct grad_shards *s, struct comm *comm, int batch, int count, int micro)
{
	const int ranks = comm ? comm->ranks : 1;
	int shard, first = 0;

	assert(count > 0 && count <= batch && count % ranks == 0 && micro > 0);
	*s = (struct grad_shards){ .batch = batch, .count = count, .here = count / ranks, .comm = comm };
	s->micro_batches = mem_array((size_t)batch, sizeof *s->micro_batches);
	s->groups = mem_array((size_t)(s->here + 1), sizeof *s->groups);
	s->offsets = mem_array((size_t)(count + 1), sizeof *s->offsets);
	for (shard = 0; shard < s->here; shard++) {
		const int v = grad_shards_id(s, shard), end = first + images_of(s, v),
		    apart = images_before(s, v) - first;

		for (; first < end; first += s->micro_batches[s->micro_count++].n)
			s->micro_batches[s->micro_count] = (struct micro_batch){ shard, first, end - first < micro
			    ? end - first : micro, first + apart };
		s->groups[shard + 1] = first;
	}
}

void
grad_shards_close(struct grad_shards *s)
{
	free(s->micro_batches);
	free(s->groups);
	free(s->offsets);
	*s = (struct grad_shards){ 0 };
}

void
grad_shards_gather(struct grad_shards *s, void *data, size_t each)
{
	int v;

	for (v = 0; v <= s->count; v++)
		s->offsets[v] = each * (size_t)images_before(s, v);
	comm_allgather(s->comm, data, s->count, s->offsets);
}

void
grad_shards_gather_each(struct grad_shards *s, void *data, size_t each)
{
	int v;

	for (v = 0; v <= s->count; v++)
		s->offsets[v] = each * (size_t)v;
	comm_allgather(s->comm, data, s->count, s->offsets);
}

void
work_queue_open(struct work_queue *q, const struct grad_shards *s, bool single, const struct params *p, int threads)
{
	int micro, i;

	*q = (struct work_queue){ .count = single ? 1 : s->here, .threads = threads };
	q->lists = mem_array((size_t)q->count, sizeof *q->lists);
	q->at = mem_array((size_t)threads, sizeof *q->at);
	pthread_mutex_init(&q->mutex, NULL);
	for (micro = 0; micro < s->micro_count; micro++)
		q->lists[single ? 0 : s->micro_batches[micro].shard].end = micro + 1;
	for (i = 0; i < q->count; i++) {
		q->lists[i].first = i ? q->lists[i - 1].end : 0;
		ticket_lock_open(&q->lists[i].lock, p);
	}
}

void
work_queue_close(struct work_queue *q)
{
	int i;

	for (i = 0; i < q->count; i++)
		ticket_lock_close(&q->lists[i].lock);
	free(q->lists);
	free(q->at);
	pthread_mutex_destroy(&q->mutex);
	*q = (struct work_queue){ 0 };
}

void
work_queue_restart(struct work_queue *q)
{
	int i;

	for (i = 0; i < q->count; i++) {
		q->lists[i].next = q->lists[i].first;
		ticket_lock_restart(&q->lists[i].lock);
	}
	for (i = 0; i < q->threads; i++)
		q->at[i] = i % q->count;
}

static int
left(const struct work_queue *q, int i)
{
	return q->lists[i].end - q->lists[i].next;
}

static int
longest(const struct work_queue *q)
{
	int i, found = 0;

	for (i = 1; i < q->count; i++)
		if (left(q, i) > left(q, found))
			found = i;
	return found;
}

int
work_queue_take(struct work_queue *q, int worker)
{
	int micro, *at = &q->at[worker];

	pthread_mutex_lock(&q->mutex);
	if (left(q, *at) == 0)
		*at = longest(q);
	assert(left(q, *at) > 0);
	micro = q->lists[*at].next++;
	pthread_mutex_unlock(&q->mutex);
	return micro;
}

int
work_queue_find(const struct work_queue *q, int micro)
{
	int i = 0;

	while (micro >= q->lists[i].end)
		i++;
	return i;
}
