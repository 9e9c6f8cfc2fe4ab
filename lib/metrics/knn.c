/* knn - classes by weighted votes of the k nearest neighbors

   A piece of work is a block of test rows against all training rows, as products of tiles that stay in
   cache; each test row keeps its k best in a small sorted list. */
#include "metrics/knn.h"
#include "base/mem.h"
#include "kernel/gemm.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS = 64,	/* test rows of a piece */
	TILE = 512	/* training rows of a product: the tile of similarities is 128 KiB, inside L2 */
};

struct neighbor {
	float similarity;
	int class;
};

struct search {
	const struct knn_set *train, *test;
	int count, k;
	double temperature;
	int *top;
};

void
knn_normalize(struct knn_set *s, bool center)
{
	long i;
	int j;

	for (i = 0; i < s->n; i++) {
		float *x = s->x + i * s->d;
		double mean = 0, square = 0;

		for (j = 0; j < s->d && center; j++)
			mean += x[j] / (double)s->d;
		for (j = 0; j < s->d; j++) {
			x[j] = (float)(x[j] - mean);
			square += (double)x[j] * x[j];
		}
		for (j = 0; j < s->d && square > 0; j++)
			x[j] = (float)(x[j] / sqrt(square));
	}
}

/* put a neighbor into the list of the best, nearest first; later rows go behind equal ones */
static void
insert(struct neighbor *best, int *held, int k, struct neighbor n)
{
	int at = *held < k ? (*held)++ : k - 1;

	for (; at > 0 && best[at - 1].similarity < n.similarity; at--)
		best[at] = best[at - 1];
	best[at] = n;
}

static void
vote(const struct search *s, const struct neighbor *best, int held, double *votes, int *top)
{
	int i, c;

	memset(votes, 0, sizeof *votes * (size_t)s->count);
	/* relative to the nearest: the same order, and no temperature overflows */
	for (i = 0; i < held; i++)
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
piece(void *arg, int number, int worker)
{
	const struct search *s = arg;
	long first = (long)number * ROWS, from;
	int rows = s->test->n - first < ROWS ? (int)(s->test->n - first) : ROWS, d = s->test->d, i, j;
	float *tile = mem_new(sizeof *tile * ROWS * TILE);
	struct neighbor *best = mem_new(sizeof *best * (size_t)(rows * s->k));
	double *votes = mem_new(sizeof *votes * (size_t)s->count);
	int held[ROWS] = { 0 };

	(void)worker;
	for (from = 0; from < s->train->n; from += TILE) {
		int n = s->train->n - from < TILE ? (int)(s->train->n - from) : TILE;

		gemm(false, true, rows, n, d, 1, s->test->x + first * d, d, s->train->x + from * d, d, 0, tile, TILE);
		for (i = 0; i < rows; i++)
			for (j = 0; j < n; j++) {
				float x = tile[i * TILE + j];

				if (held[i] < s->k || x > best[i * s->k + s->k - 1].similarity)
					insert(best + i * s->k, &held[i], s->k, (struct neighbor){ x, s->train->classes[from + j] });
			}
	}
	for (i = 0; i < rows; i++)
		vote(s, best + i * s->k, held[i], votes, s->top + (first + i) * KNN_TOP);
	free(votes);
	free(best);
	free(tile);
}

void
knn_classify(const struct knn_set *train, const struct knn_set *test, int count, int k, double temperature, struct pool *pool, int *top)
{
	struct search s = { train, test, count, k, temperature, top };

	assert(train->d == test->d && k > 0 && temperature > 0);
	pool_run(pool, (int)((test->n + ROWS - 1) / ROWS), piece, &s);
}
