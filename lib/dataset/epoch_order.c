/* epoch_order - the order of images over all epochs, from any index on */
#include "dataset/epoch_order.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rank_env.h"
#include "base/rng.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long
epoch_order_end(const struct epoch_order *s)
{
	long end;

	if (__builtin_mul_overflow(s->count, s->epochs, &end))
		end = LONG_MAX;
	if (s->limit > 0 && s->start < end && s->limit < end - s->start)
		end = s->start + s->limit;
	return end;
}

long
epoch_order_records(const struct epoch_order *s)
{
	long end = epoch_order_end(s);

	return end / s->parts + (end % s->parts > s->part);
}

void
epoch_order_begin(struct epoch_order *s)
{
	/* the first index of this shard at or after the start */
	s->index = s->start + (s->part - s->start % s->parts + s->parts) % s->parts;
	s->epoch = -1;
	s->order = NULL;
}

static void
shuffle(struct epoch_order *s)
{
	struct rng r = rng_at(s->seed, s->epoch, "order", "");
	long i;

	if (!s->order)
		s->order = mem_array((size_t)s->count, sizeof *s->order);
	for (i = 0; i < s->count; i++)
		s->order[i] = i;
	rng_shuffle(&r, s->order, s->count);
}

int
epoch_order_shard(struct epoch_order *s, const char *text)
{
	char rest;

	if (strcmp(text, "auto") == 0)
		return rank_env_rank(&s->part, &s->parts);
	if (sscanf(text, "%ld/%ld%c", &s->part, &s->parts, &rest) != 2 || s->part < 0 || s->parts < 1 ||
		s->part >= s->parts)
		return err(ERR_USAGE, "'%s' is neither auto nor I/N with I from 0 to N - 1", text);
	return 0;
}

int
epoch_order_next(struct epoch_order *s, long *index, long *epoch, long *item)
{
	if (s->index >= epoch_order_end(s))
		return 0;
	if (s->index / s->count != s->epoch) {
		s->epoch = s->index / s->count;
		if (s->shuffle)
			shuffle(s);
	}
	*index = s->index;
	*epoch = s->epoch;
	*item = s->index % s->count;
	if (s->shuffle)
		*item = s->order[*item];
	s->index += s->parts;
	return 1;
}

void
epoch_order_free(struct epoch_order *s)
{
	free(s->order);
	s->order = NULL;
}
