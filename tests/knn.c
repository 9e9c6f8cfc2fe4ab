/* knn - nearest neighbors against slow reference code; intervals against published values */
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "metrics/confusion.h"
#include "metrics/feature_set.h"
#include "metrics/knn.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static void
fill(struct feature_set *s, struct rng *r, long n, int d, int classes, bool ties)
{
	long i;

	s->n = n;
	s->d = d;
	s->x = mem_array((size_t)(n * d), sizeof *s->x);
	s->labels = mem_array((size_t)n, sizeof *s->labels);
	for (i = 0; i < n * d; i++)
		s->x[i] = ties ? (float)rng_below(r, 3) - 1 : (float)rng_normal(r);
	for (i = 0; i < n; i++)
		s->labels[i].class = (int)rng_below(r, classes);
}

/* compute all similarities; k times select the best remaining one, of equal ones the earlier row */
static int
slow(const struct feature_set *train, const float *x, int count, int k, double temperature)
{
	double *similarity = mem_array((size_t)train->n, sizeof *similarity),
	       *votes = mem_array((size_t)count, sizeof *votes);
	int best = 0, c;
	long i, round;

	for (i = 0; i < train->n; i++)
		for (c = 0; c < train->d; c++)
			similarity[i] += (double)x[c] * train->x[i * train->d + c];
	for (round = 0; round < k && round < train->n; round++) {
		long nearest = 0;

		/* within a rounding of single precision, equal is equal */
		for (i = 1; i < train->n; i++)
			if (similarity[i] > similarity[nearest] + 1e-6)
				nearest = i;
		votes[train->labels[nearest].class] += exp(similarity[nearest] / temperature);
		similarity[nearest] = -2;
	}
	for (c = 1; c < count; c++)
		if (votes[c] > votes[best] * (1 + 1e-5))
			best = c;
	free(similarity);
	free(votes);
	return best;
}

static void
compare(long n, long m, int d, int classes, int k, bool ties)
{
	struct rng r = rng_at(11, n, "knn", ties ? "ties" : "");
	struct feature_set train, test;
	int *one = mem_array((size_t)m, KNN_TOP * sizeof *one), *four = mem_array((size_t)m, KNN_TOP * sizeof *four),
		same = 0;
	struct pool *p1 = pool_new(1), *p4 = pool_new(4);
	long i;

	fill(&train, &r, n, d, classes, ties);
	fill(&test, &r, m, d, classes, ties);
	feature_set_normalize(&train, false);
	feature_set_normalize(&test, false);
	knn_classify(&train, &test, classes, k, 0.07, p1, one);
	knn_classify(&train, &test, classes, k, 0.07, p4, four);
	for (i = 0; i < m; i++)
		same += slow(&train, test.x + i * d, classes, k, 0.07) == one[i * KNN_TOP];
	/* where votes are closer than single precision either answer is right; such rows are few */
	ok(same >= (ties ? 0.97 : 1) * (double)m, "%ld x %ld x %d, k %d%s: %d of %ld rows agree with the reference", n,
		m, d, k, ties ? ", ties" : "", same, m);
	ok(memcmp(one, four, sizeof *one * KNN_TOP * (size_t)m) == 0,
		"k-NN: one and four threads give the same classes");
	free(train.x); free(train.labels); free(test.x); free(test.labels); free(one); free(four);
	pool_free(p1);
	pool_free(p4);
}

int
main(void)
{
	static const int right[5] = { 3, 1, 0, 2, -1 };
	struct accuracy a = { 0 };
	double low, high;

	compare(1000, 200, 24, 10, 20, false);
	compare(513, 65, 7, 3, 1, false);
	compare(10, 70, 5, 2, 20, false);
	compare(600, 150, 6, 4, 5, true);
	accuracy_add(&a, 3, right);
	accuracy_add(&a, 2, right);
	accuracy_add(&a, 7, right);
	ok(a.n == 3 && a.top1 == 1 && a.top5 == 2, "top-1 and top-5 are counted");
	/* Newcombe, Statistics in Medicine 17, 1998, table I, method 3: 81 of 263 and 0 of 20 */
	accuracy_interval(81, 263, &low, &high);
	ok(fabs(low - 0.2553) < 5e-5 && fabs(high - 0.3662) < 5e-5, "Wilson's interval of 81 / 263: %.4f %.4f", low,
		high);
	accuracy_interval(0, 20, &low, &high);
	ok(low == 0 && fabs(high - 0.1611) < 5e-5, "Wilson's interval of 0 / 20: %.4f %.4f", low, high);
	return tap_end();
}
