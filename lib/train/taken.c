/* taken - which pictures of the sequence were trained on: all before a place, rank by rank */
#include "train/taken.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
taken_has(const struct taken *t, long place)
{
	return t->ranks > 0 && place < t->next[place % t->ranks];
}

void
taken_set(struct taken *t, struct comm *c, long next)
{
	int r;

	t->ranks = c ? c->ranks : 1;
	assert(t->ranks <= TAKEN_RANKS_MAX);
	comm_all(c, next, t->next);
	for (r = 0; r < t->ranks; r++)
		assert(t->next[r] % t->ranks == r);
}

long
taken_place(const struct taken *t)
{
	long least = t->ranks ? t->next[0] : 0;
	int r;

	for (r = 1; r < t->ranks; r++)
		if (t->next[r] < least)
			least = t->next[r];
	return least;
}

void
taken_show(const struct taken *t, char *text)
{
	const long place = taken_place(t);
	bool even = true;
	size_t n = 0;
	int r;

	for (r = 0; r < t->ranks; r++)
		even = even && t->next[r] < place + t->ranks;
	if (even)
		sprintf(text, "%ld", place);
	else
		for (r = 0; r < t->ranks; r++)
			n += (size_t)sprintf(text + n, "%s%ld", r ? " " : "", t->next[r]);
}

int
taken_read(struct taken *t, const char *text)
{
	char *end;

	for (t->ranks = 0; *text; text = end + (*end == ' ')) {
		long x = strtol(text, &end, 10);

		if (end == text || (*end && *end != ' ') || x < 0 || t->ranks == TAKEN_RANKS_MAX)
			return -1;
		t->next[t->ranks++] = x;
	}
	return t->ranks ? 0 : -1;
}
