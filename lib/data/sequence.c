/* sequence - in which order pictures come, over all epochs, from any place on */
#include "data/sequence.h"
#include "base/err.h"
#include "base/launch.h"
#include "base/mem.h"
#include "base/rng.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

long
sequence_end(const struct sequence *s)
{
	long end;

	if (__builtin_mul_overflow(s->count, s->epochs, &end))
		end = LONG_MAX;
	if (s->limit > 0 && s->start < end && s->limit < end - s->start)
		end = s->start + s->limit;
	return end;
}

long
sequence_records(const struct sequence *s)
{
	long end = sequence_end(s);

	return end / s->parts + (end % s->parts > s->part);
}

void
sequence_begin(struct sequence *s)
{
	long behind = s->start % s->parts;

	/* the first place of this part at or after the start */
	s->place = s->start + (s->part - behind + s->parts) % s->parts;
	s->epoch = -1;
	s->order = NULL;
}

static void
shuffle(struct sequence *s)
{
	struct rng r = rng_at(s->seed, s->epoch, "order", "");
	long i;

	if (!s->order)
		s->order = mem_new(sizeof *s->order * (size_t)s->count);
	for (i = 0; i < s->count; i++)
		s->order[i] = i;
	rng_shuffle(&r, s->order, s->count);
}

int
sequence_shard(struct sequence *s, const char *text)
{
	char rest;

	if (strcmp(text, "auto") == 0)
		return launch_rank(&s->part, &s->parts);
	if (sscanf(text, "%ld/%ld%c", &s->part, &s->parts, &rest) != 2 || s->part < 0 || s->parts < 1 || s->part >= s->parts)
		return err(ERR_USAGE, "'%s' is neither auto nor I/N with I from 0 to N - 1", text);
	return 0;
}

int
sequence_next(struct sequence *s, long *place, long *epoch, long *item)
{
	if (s->place >= sequence_end(s))
		return 0;
	if (s->place / s->count != s->epoch) {
		s->epoch = s->place / s->count;
		if (s->shuffle)
			shuffle(s);
	}
	*place = s->place;
	*epoch = s->epoch;
	*item = s->place % s->count;
	if (s->shuffle)
		*item = s->order[*item];
	s->place += s->parts;
	return 1;
}

void
sequence_free(struct sequence *s)
{
	free(s->order);
	s->order = NULL;
}
