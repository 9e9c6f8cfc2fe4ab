/* consumed - no image is used twice or skipped, for any number of ranks and any damaged images */
#include "base/mem.h"
#include "base/rng.h"
#include "tap.h"
#include "train/consumed.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 4000, BATCH = 24 };

/* A run of `ranks`, from `t` on: each rank takes its next available images until its part of the batch is full, for
   `steps` batches or until one rank has no more images. */
static void
run(struct consumed *t, int ranks, int steps, const bool *damaged, int *times)
{
	long next[8];
	int r, i, s;

	for (r = 0; r < ranks; r++) {
		const long start = consumed_index(t);

		next[r] = start + (r - start % ranks + ranks) % ranks;
	}
	for (s = 0; s < steps; s++) {
		long at[8], list[BATCH];
		int n = 0;

		memcpy(at, next, sizeof at);
		for (r = 0; r < ranks; r++)
			for (i = 0; i < BATCH / ranks && at[r] < PLACES; at[r] += ranks)
				if (!damaged[at[r]] && !consumed_has(t, at[r])) {
					list[n++] = at[r];
					i++;
				}
		if (n < BATCH)
			return;
		while (n > 0)
			times[list[--n]]++;
		memcpy(next, at, sizeof next);
		consumed_add(t, ranks, next);
	}
}

int
main(void)
{
	static bool damaged[PLACES];
	static struct consumed t, back;
	static int times[PLACES];
	char *text = mem_new(CONSUMED_TEXT);
	struct rng rng = rng_at(1, 0, "taken", "");
	int twice = 0, missed = 0, lost = 0, round, i;

	for (round = 0; round < 200; round++) {
		memset(&t, 0, sizeof t);
		memset(times, 0, sizeof times);
		for (i = 0; i < PLACES; i++)
			damaged[i] = rng_unit(&rng) < 0.05 * (round % 4);
		for (i = 0; i < 12; i++) {
			run(&t, round % 2 ? 1 << rng_below(&rng, 4) : 1 + (int)rng_below(&rng, 4),
				1 + (int)rng_below(&rng, 20), damaged, times);
			consumed_show(&t, text);
			lost += consumed_read(&back, text) < 0;
			lost += consumed_index(&back) != consumed_index(&t);
			t = back;
		}
		for (i = 0; i < PLACES; i++) {
			twice += times[i] > 1;
			missed += !damaged[i] && times[i] == 0 && consumed_has(&t, i);
			lost += times[i] > 0 && !consumed_has(&t, i);
		}
	}
	ok(twice == 0, "1, 2, 3, 4, 8 ranks in turn: no image is used twice");
	ok(missed == 0, "1, 2, 3, 4, 8 ranks in turn: no image is skipped");
	ok(lost == 0, "the consumed images are the same after writing and reading");
	memset(&t, 0, sizeof t);
	consumed_show(&t, text);
	ok(strcmp(text, "0") == 0 && !consumed_has(&t, 0), "a new run has consumed nothing");
	t = (struct consumed){ 4, { 12, 13, 10, 11 } };
	consumed_show(&t, text);
	ok(strcmp(text, "10") == 0, "ranks at the same position are written as one index: %s", text);
	t = (struct consumed){ 2, { 12, 17 } };
	consumed_show(&t, text);
	ok(strcmp(text, "12 17") == 0 && consumed_has(&t, 15) && !consumed_has(&t, 14),
		"ranks at different positions are written one by one: %s", text);
	ok(consumed_read(&t, "") < 0 && consumed_read(&t, "3 x") < 0 && consumed_read(&t, "-1") < 0 &&
			consumed_read(&t, "3  4") < 0,
		"a malformed list of indices is refused");
	free(text);
	return tap_end();
}
