/* duplicates - groups of rows that are connected by pairs of high similarity

   Union-find without locks (Anderson and Woll, STOC 1991): a root is linked below a root of a lesser row by
   compare-and-swap, so the root of a group is its least row in any order of the pairs. */
#include "metrics/duplicates.h"
#include "base/mem.h"
#include "kernel/gemm.h"
#include "metrics/neighbors.h"

#include <assert.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { TILE = 256 };	/* rows and columns of a product: its similarities take 256 KiB, inside L2 */
static const double ROUNDING = 5e-7;	/* of a similarity of six decimals */

struct duplicates_job {
	const float *x;
	long n, first;		/* first row of the tiles at work */
	int d;
	double low, high;	/* below: no pair; above: a pair; between them double precision decides */
	double threshold;
	atomic_int *parent;	/* (n) a lesser row of the same group, or the row itself: the root */
	float **tiles;		/* of each thread */
};

static int
find(atomic_int *parent, int i)
{
	int up = atomic_load_explicit(&parent[i], memory_order_relaxed);

	while (up != i) {
		int next = atomic_load_explicit(&parent[up], memory_order_relaxed);

		/* halve the path; if another thread was faster, its link is as good */
		if (next != up)
			atomic_compare_exchange_weak_explicit(&parent[i], &up, next, memory_order_relaxed,
				memory_order_relaxed);
		i = next;
		up = atomic_load_explicit(&parent[i], memory_order_relaxed);
	}
	return i;
}

static void
unite(atomic_int *parent, int a, int b)
{
	for (;;) {
		int swap, expected;

		a = find(parent, a);
		b = find(parent, b);
		if (a == b)
			return;
		if (a < b) {
			swap = a;
			a = b;
			b = swap;
		}
		expected = a;
		if (atomic_compare_exchange_strong_explicit(&parent[a], &expected, b, memory_order_relaxed,
			memory_order_relaxed))
			return;
	}
}

/* Unite the pairs of a tile: rows from j->first on with columns from the tile of that number on. */
static void
compare_tile(void *arg, int number, int worker)
{
	const struct duplicates_job *j = arg;
	const long first = j->first, from = first + (long)number * TILE;
	const int rows = j->n - first < TILE ? (int)(j->n - first) : TILE;
	const int columns = j->n - from < TILE ? (int)(j->n - from) : TILE;
	float *tile = j->tiles[worker];
	int i, c;

	gemm(false, true, rows, columns, j->d, 1, j->x + first * j->d, j->d, j->x + from * j->d, j->d, 0, tile, TILE);
	for (i = 0; i < rows; i++)
		for (c = number == 0 ? i + 1 : 0; c < columns; c++) {
			const float similarity = tile[i * TILE + c];

			if (similarity >= j->low && (similarity > j->high ||
				neighbors_similarity(j->x + (first + i) * j->d, j->x + (from + c) * j->d, j->d) >=
				j->threshold))
				unite(j->parent, (int)(first + i), (int)(from + c));
		}
}

void
duplicates_group(const float *x, long n, int d, double threshold, struct pool *pool, int *group,
	void (*step)(void *arg, long rows), void *arg)
{
	const double bound = threshold - ROUNDING, margin = neighbors_margin(d);
	struct duplicates_job j = { .x = x, .n = n, .d = d, .low = bound - margin, .high = bound + margin,
		.threshold = bound, .parent = mem_array((size_t)n, sizeof *j.parent),
		.tiles = mem_array((size_t)pool_threads(pool), sizeof *j.tiles) };
	long i;
	int t;

	assert(n < INT_MAX);
	for (i = 0; i < n; i++)
		atomic_init(&j.parent[i], (int)i);
	for (t = 0; t < pool_threads(pool); t++)
		j.tiles[t] = mem_array(TILE * TILE, sizeof **j.tiles);
	for (; j.first < n; j.first += TILE) {
		pool_run(pool, (int)((n - j.first + TILE - 1) / TILE), compare_tile, &j);
		step(arg, j.first + TILE < n ? j.first + TILE : n);
	}
	for (i = 0; i < n; i++)
		group[i] = find(j.parent, (int)i);
	for (t = 0; t < pool_threads(pool); t++)
		free(j.tiles[t]);
	free(j.tiles);
	free(j.parent);
}
