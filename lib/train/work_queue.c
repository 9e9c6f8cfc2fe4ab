/* work_queue - the assignment of micro-batches to threads */
#include "train/work_queue.h"
#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

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
