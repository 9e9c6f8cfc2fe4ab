/* linear_probe - time of the linear probe, with random features around a center for each class

   usage: linear_probe RECORDS FEATURES CLASSES THREADS */
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "metrics/feature_set.h"
#include "metrics/linear_probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int
main(int argc, char **argv)
{
	const long n = argc > 1 ? atol(argv[1]) : 20000;
	const int d = argc > 2 ? atoi(argv[2]) : 192, classes = argc > 3 ? atoi(argv[3]) : 100,
		threads = argc > 4 ? atoi(argv[4]) : pool_default();
	struct feature_set s = { .n = n, .d = d, .x = mem_array((size_t)(n * d), sizeof *s.x),
		.labels = mem_array((size_t)n, sizeof *s.labels) };
	float *centers = mem_array((size_t)(classes * d), sizeof *centers);
	struct rng r = rng_at(1, 0, "features", "");
	struct pool *pool = pool_new(threads);
	struct linear_probe l = linear_probe_default();
	double begun;
	long i;
	int k;

	for (i = 0; i < classes * d; i++)
		centers[i] = (float)(0.15 * rng_normal(&r));
	for (i = 0; i < n; i++) {
		s.labels[i].class = (int)rng_below(&r, classes);
		s.labels[i].draw = rng_unit(&r);
		for (k = 0; k < d; k++)
			s.x[i * d + k] = centers[s.labels[i].class * d + k] + (float)(3 * rng_unit(&r) - 1.5);
	}
	begun = now();
	if (linear_probe_train(&l, &s, classes, pool) < 0)
		return 1;
	begun = now() - begun;
	/* two products per step, one forward and one backward */
	printf("linear probe, %ld records, %d features, %d classes, %d learning rates, %d epochs, %d threads: "
		"%.1f s, %.0f GFLOP/s, learning rate %g, %.1f %% correct on held-out records\n",
		n, d, classes, l.count, l.epochs, threads, begun,
		4e-9 * (double)l.train_count * d * classes * l.count * l.epochs / begun, l.learning_rate,
		100 * (double)l.val_correct / (double)l.val_count);
	linear_probe_free(&l);
	pool_free(pool);
	free(centers);
	free(s.x);
	free(s.labels);
	return 0;
}
