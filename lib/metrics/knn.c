/* knn - k-NN classification: weighted votes of the k nearest neighbors

   A work item compares a block of test rows with all training rows, as products of tiles that stay in cache; each test
   row keeps its k nearest neighbors in a sorted list. */
#include "metrics/knn.h"
#include "base/mem.h"
#include "kernel/gemm.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS = 64,	/* test rows of a work item */
	TILE = 512	/* training rows of a product: the tile of similarities is 128 KiB, inside L2 */
};

struct knn_neighbor {
	float similarity;
	int class;
};

struct knn_search {
	const struct feature_set *train, *test;
	int count, k;
	double temperature;
	int *top;
};

/* Insert a neighbor into the list of the nearest; of equal neighbors the earlier row comes first. */
static void
insert(struct knn_neighbor *best, int *kept, int k, struct knn_neighbor n)
{
	int at = *kept < k ? (*kept)++ : k - 1;

	for (; at > 0 && best[at - 1].similarity < n.similarity; at--)
		best[at] = best[at - 1];
	best[at] = n;
}

static void
vote(const struct knn_search *s, const struct knn_neighbor *best, int kept, double *votes, int *top)
{
	int i, c;

	memset(votes, 0, sizeof *votes * (size_t)s->count);
	/* relative to the nearest neighbor: the same order, no overflow at any temperature */
	for (i = 0; i < kept; i++)
		votes[best[i].class] += exp((best[i].similarity - best[0].similarity) / s->temperature);
	for (i = 0; i < KNN_TOP; i++) {
		top[i] = -1;
		for (c = 0; c < s->count; c++)
			if (votes[c] > 0 && (top[i] < 0 || votes[c] > votes[top[i]]))
				top[i] = c;
		if (top[i] >= 0)
			votes[top[i]] = 0;
	}
}

static void
classify_rows(void *arg, int number, int worker)
{
	const struct knn_search *s = arg;
	long first = (long)number * ROWS, from;
	int rows = s->test->n - first < ROWS ? (int)(s->test->n - first) : ROWS, d = s->test->d, i, j;
	float *tile = mem_array(ROWS * TILE, sizeof *tile);
	struct knn_neighbor *best = mem_array(mem_product((size_t)rows, (size_t)s->k), sizeof *best);
	double *votes = mem_array((size_t)s->count, sizeof *votes);
	int kept[ROWS] = { 0 };

	(void)worker;
	for (from = 0; from < s->train->n; from += TILE) {
		int n = s->train->n - from < TILE ? (int)(s->train->n - from) : TILE;

		gemm(false, true, rows, n, d, 1, s->test->x + first * d, d, s->train->x + from * d, d, 0, tile, TILE);
		for (i = 0; i < rows; i++)
			for (j = 0; j < n; j++) {
				float x = tile[i * TILE + j];

				if (kept[i] < s->k || x > best[i * s->k + s->k - 1].similarity)
					insert(best + i * s->k, &kept[i], s->k,
						(struct knn_neighbor){ x, s->train->labels[from + j].class });
			}
	}
	for (i = 0; i < rows; i++)
		vote(s, best + i * s->k, kept[i], votes, s->top + (first + i) * KNN_TOP);
	free(votes);
	free(best);
	free(tile);
}

void
knn_classify(const struct feature_set *train, const struct feature_set *test, int count, int k, double temperature,
	struct pool *pool, int *top)
{
	struct knn_search s = { train, test, count, k, temperature, top };

	assert(train->d == test->d && k > 0 && temperature > 0);
	pool_run(pool, (int)((test->n + ROWS - 1) / ROWS), classify_rows, &s);
}
