/* moment_shards - ZeRO-1: each rank keeps the moments of its part of the weights, and updates that part */
#include "train/moment_shards.h"
#include "base/mem.h"
#include "nn/params.h"
#include "train/comm.h"
#include "train/moment8.h"
#include "train/optimizer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The arrays of the moments: by float, or by moment block. */
struct moment_array {
	void *data;
	size_t width;		/* bytes of an element */
	bool by_block;
};
enum { ARRAYS_MAX = 4 };

/* Those that are shared out: none without shards. */
static int
arrays(const struct moment_shards *s, struct moment_array list[ARRAYS_MAX])
{
	const struct adamw *a = s->adamw;

	if (!s->cut)
		return 0;
	if (a->moments == MOMENTS_8BIT) {
		list[0] = (struct moment_array){ a->m8.codes, sizeof *a->m8.codes, false };
		list[1] = (struct moment_array){ a->v8.codes, sizeof *a->v8.codes, false };
		list[2] = (struct moment_array){ a->m8.scales, sizeof *a->m8.scales, true };
		list[3] = (struct moment_array){ a->v8.scales, sizeof *a->v8.scales, true };
		return 4;
	}
	list[0] = (struct moment_array){ a->m, sizeof *a->m, false };
	list[1] = (struct moment_array){ a->v, sizeof *a->v, false };
	return 2;
}

/* The parameter that holds float number `at`, or the one before it (padding); count: the end. */
static int
param_at(const struct params *p, size_t at)
{
	int i;

	for (i = 0; i < p->count && (i + 1 < p->count ? p->list[i + 1].offset : p->size) <= at; i++)
		;
	return i;
}

/* The last beginning of a moment block up to float number `at`. */
static size_t
block_begin(const struct params *p, size_t at)
{
	const int i = param_at(p, at);
	const size_t first = i < p->count ? p->list[i].offset : p->size;

	return first + (at - first) / MOMENT8_BLOCK * MOMENT8_BLOCK;
}

/* The index of the moment block that begins at a cut. */
static size_t
block_index(const struct params *p, size_t cut)
{
	const int i = param_at(p, cut);

	return moment8_block(p, i) + (i < p->count ? (cut - p->list[i].offset) / MOMENT8_BLOCK : 0);
}

/* The byte at which the elements from a cut on begin. */
static size_t
byte_at(const struct moment_shards *s, const struct moment_array *a, size_t cut)
{
	return a->width * (a->by_block ? block_index(s->params, cut) : cut);
}

/* The bytes of an array at which the parts of the ranks begin, and its end. */
static size_t *
offsets(const struct moment_shards *s, const struct moment_array *a)
{
	size_t *list = mem_array((size_t)s->comm->ranks + 1, sizeof *list);
	int r;

	for (r = 0; r <= s->comm->ranks; r++)
		list[r] = byte_at(s, a, s->cut[r]);
	return list;
}

void
moment_shards_open(struct moment_shards *s, bool shard, struct comm *comm, struct params *params, struct adamw *adamw)
{
	int r;

	*s = (struct moment_shards){ .comm = comm, .params = params, .adamw = adamw, .to = params->size };
	if (!shard || comm->ranks == 1)
		return;
	s->cut = mem_array((size_t)comm->ranks + 1, sizeof *s->cut);
	for (r = 0; r <= comm->ranks; r++)
		s->cut[r] = block_begin(params, params->size / (size_t)comm->ranks * (size_t)r);
	s->cut[comm->ranks] = params->size;
	s->from = s->cut[comm->rank];
	s->to = s->cut[comm->rank + 1];
	moment_shards_release(s);
}

void
moment_shards_close(struct moment_shards *s)
{
	free(s->cut);
	*s = (struct moment_shards){ 0 };
}

void
moment_shards_exchange(struct moment_shards *s)
{
	const struct moment_array weights = { s->params->values, sizeof *s->params->values, false };
	size_t *parts;

	if (!s->cut)
		return;
	parts = offsets(s, &weights);
	comm_allgather(s->comm, weights.data, s->comm->ranks, parts);
	free(parts);
}

void
moment_shards_collect(struct moment_shards *s)
{
	struct moment_array list[ARRAYS_MAX];
	const int count = arrays(s, list);
	int i;

	for (i = 0; i < count; i++) {
		size_t *parts = offsets(s, &list[i]);

		comm_gather(s->comm, list[i].data, parts);
		free(parts);
	}
}

void
moment_shards_release(struct moment_shards *s)
{
	struct moment_array list[ARRAYS_MAX];
	const int count = arrays(s, list);
	int i;

	/* scales are not whole pages of their own, and few */
	for (i = 0; i < count; i++)
		if (!list[i].by_block) {
			mem_block_release(list[i].data, 0, byte_at(s, &list[i], s->from));
			mem_block_release(list[i].data, byte_at(s, &list[i], s->to),
				byte_at(s, &list[i], s->params->size));
		}
}
