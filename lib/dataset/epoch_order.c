/* epoch_order - the order of images over all epochs, from any index on, divided among ranks */
#include "dataset/epoch_order.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first pair with several processes is used: in an array job with several tasks each, the tasks of a job divide the
   work. `base` is the variable that holds the smallest rank; NULL: 0. */
static const struct { const char *rank, *ranks, *base; } launchers[] = {
	{ "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", NULL },
	{ "PMI_RANK", "PMI_SIZE", NULL },
	{ "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", NULL },	/* not SLURM_NTASKS: it is set outside of srun, too */
	{ "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MIN" }
};

/* The number in a variable; -1 and err(). */
static long
number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long x = text ? strtol(text, &end, 10) : 0;

	if (text && (end == text || *end || x < 0))
		return err(ERR_USAGE, "%s=%s: not a number", name, text);
	return x;
}

/* Rank of this process (from 0) and number of ranks, as set by Open MPI, MPICH (PMI), Slurm's srun or a Slurm array
   job; 0 and 1 where none of them is set. -1 and err(ERR_USAGE) for values that make no sense. */
static int
rank_from_environment(long *rank, long *ranks)
{
	size_t i;

	*rank = 0;
	*ranks = 1;
	for (i = 0; i < sizeof launchers / sizeof *launchers; i++) {
		const char *base = launchers[i].base;
		long first;

		if (!getenv(launchers[i].rank) || !getenv(launchers[i].ranks))
			continue;
		*rank = number(launchers[i].rank);
		*ranks = number(launchers[i].ranks);
		first = base ? number(base) : 0;
		if (*rank < 0 || *ranks < 0 || first < 0)
			return -1;
		*rank -= first;
		if (*rank < 0 || *rank >= *ranks)
			return err(ERR_USAGE, "%s and %s: number %ld of %ld", launchers[i].rank, launchers[i].ranks,
				*rank, *ranks);
		if (*ranks > 1)
			return 0;
	}
	return 0;
}

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
		return rank_from_environment(&s->part, &s->parts);
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
