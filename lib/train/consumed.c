/* consumed - the images of the sequence that a run has trained on: in each residue class of indices, all below a
   limit */
#include "train/consumed.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

bool
consumed_has(const struct consumed *t, long index)
{
	return t->ranks > 0 && index < t->next[index % t->ranks];
}

/* The smallest index of class k of n that is not below `index`. */
static long
next_of(long index, int k, int n)
{
	return index + ((k - index % n) + n) % n;
}

/* Keep n classes, a divisor of their number. */
static void
reduce(struct consumed *t, int n)
{
	int k;

	if (t->ranks % n)
		return;
	for (k = n; k < t->ranks; k++)
		if (t->next[k] < t->next[k % n])
			t->next[k % n] = t->next[k];	/* the least of each class of n */
	t->ranks = n;
}

/* Do n classes describe the same set of images? */
static bool
reducible(const struct consumed *t, int n)
{
	int j, k;

	for (j = 0; j < t->ranks; j++)
		for (k = j % n; k < t->ranks; k += n)
			if (t->next[k] - t->next[j] >= t->ranks)
				return false;
	return t->ranks % n == 0;
}

static int
common_multiple(int a, int b)
{
	int x = a, y = b;

	while (y) {
		const int rest = x % y;

		x = y;
		y = rest;
	}
	return a / x * b;
}

bool
consumed_fits(const struct consumed *t, int ranks)
{
	return ranks <= CONSUMED_RANKS_MAX && (t->ranks == 0 || common_multiple(t->ranks, ranks) <= CONSUMED_RANKS_MAX);
}

void
consumed_add(struct consumed *t, int ranks, const long *next)
{
	const int before = t->ranks ? t->ranks : 1, n = common_multiple(before, ranks);
	int k;

	assert(n <= CONSUMED_RANKS_MAX);
	/* from the back: elements are read before they are overwritten */
	for (k = n - 1; k >= 0; k--) {
		const long was = t->ranks ? t->next[k % before] : 0;

		t->next[k] = next_of(was > next[k % ranks] ? was : next[k % ranks], k, n);
	}
	t->ranks = n;
	if (reducible(t, ranks))
		reduce(t, ranks);
}

long
consumed_index(const struct consumed *t)
{
	long least = t->ranks ? t->next[0] : 0;
	int r;

	for (r = 1; r < t->ranks; r++)
		if (t->next[r] < least)
			least = t->next[r];
	return least;
}

void
consumed_show(const struct consumed *t, char *text)
{
	const long index = consumed_index(t);
	bool even = true;
	size_t n = 0;
	int r;

	for (r = 0; r < t->ranks; r++)
		even = even && t->next[r] < index + t->ranks;
	if (even)
		sprintf(text, "%ld", index);
	else
		for (r = 0; r < t->ranks; r++)
			n += (size_t)sprintf(text + n, "%s%ld", r ? " " : "", t->next[r]);
}

int
consumed_read(struct consumed *t, const char *text)
{
	char *end;

	for (t->ranks = 0; *text; text = end + (*end == ' ')) {
		long x = strtol(text, &end, 10);

		if (*text < '0' || *text > '9' || (*end && *end != ' ') || x < 0 || t->ranks == CONSUMED_RANKS_MAX)
			return -1;
		t->next[t->ranks++] = x;
	}
	return t->ranks ? 0 : -1;
}
