/* chains - micro-batches that add to one block of gradients one after the other, and who computes the next */
#include "train/chains.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

void
chains_open(struct chains *c, const struct lanes *l, bool one, const struct params *p, int threads)
{
	int part, i;

	*c = (struct chains){ .count = one ? 1 : l->here, .threads = threads };
	c->list = mem_new(sizeof *c->list * (size_t)c->count);
	c->at = mem_new(sizeof *c->at * (size_t)threads);
	pthread_mutex_init(&c->lock, NULL);
	for (part = 0; part < l->parts; part++)
		c->list[one ? 0 : l->pieces[part].lane].end = part + 1;
	for (i = 0; i < c->count; i++) {
		c->list[i].first = i ? c->list[i - 1].end : 0;
		turns_open(&c->list[i].turns, p);
	}
}

void
chains_close(struct chains *c)
{
	int i;

	for (i = 0; i < c->count; i++)
		turns_close(&c->list[i].turns);
	free(c->list);
	free(c->at);
	pthread_mutex_destroy(&c->lock);
	*c = (struct chains){ 0 };
}

void
chains_restart(struct chains *c)
{
	int i;

	for (i = 0; i < c->count; i++) {
		c->list[i].next = c->list[i].first;
		turns_restart(&c->list[i].turns);
	}
	for (i = 0; i < c->threads; i++)
		c->at[i] = i % c->count;
}

static int
left(const struct chains *c, int i)
{
	return c->list[i].end - c->list[i].next;
}

static int
fullest(const struct chains *c)
{
	int i, found = 0;

	for (i = 1; i < c->count; i++)
		if (left(c, i) > left(c, found))
			found = i;
	return found;
}

int
chains_take(struct chains *c, int worker)
{
	int part, *at = &c->at[worker];

	pthread_mutex_lock(&c->lock);
	if (left(c, *at) == 0)
		*at = fullest(c);
	assert(left(c, *at) > 0);
	part = c->list[*at].next++;
	pthread_mutex_unlock(&c->lock);
	return part;
}

int
chains_find(const struct chains *c, int part)
{
	int i = 0;

	while (part >= c->list[i].end)
		i++;
	return i;
}
