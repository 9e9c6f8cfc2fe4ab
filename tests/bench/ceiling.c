/* ceiling - maximum speed of a machine: ceiling MODEL THREADS

   Prints the GFLOP/s of all threads together, each the best of three: the multiply-add loop; sgemm with the layer
   shapes of the model (forward, dx and dW of qkv, proj, fc1, fc2 over about 400 rows per thread), with one call per
   thread as in training; the same with all rows in one call that OpenBLAS divides among its threads. */
#define _POSIX_C_SOURCE 200809L
#include "base/mem.h"
#include "base/pool.h"
#include "gemm_peak.h"
#include "kernel/gemm.h"

#include <cblas.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct model { const char *name; int D, rows; } models[] = {
	{ "micro", 96, 8 * 50 }, { "tiny", 192, 8 * 50 }, { "small", 384, 3 * 149 }, { "base", 768, 3 * 149 }
};

struct work {
	int D, rows, times;
	float **a, **b, **c;	/* one for each thread */
};

static void
loop(void *arg, int i, int worker)
{
	(void)arg;
	(void)i;
	(void)worker;
	peak_loop()();
}

/* four layers, three products each, `times` times */
static void
layers(void *arg, int i, int worker)
{
	static const int sizes[4][2] = { { 1, 3 }, { 1, 1 }, { 1, 4 }, { 4, 1 } };
	const struct work *w = arg;
	const int R = w->rows;
	const float *a = w->a[i], *b = w->b[i];
	float *c = w->c[i];

	(void)worker;
	for (int n = 0; n < w->times; n++)
		for (int l = 0; l < 4; l++) {
			int in = sizes[l][0] * w->D, out = sizes[l][1] * w->D;

			gemm(false, true, R, out, in, 1, a, in, b, in, 1, c, out);
			gemm(false, false, R, in, out, 1, a, out, b, in, 0, c, in);
			gemm(true, false, out, in, R, 1, a, out, a, in, 1, c, in);
		}
}

static double
best(struct pool *p, int count, void (*piece)(void *, int, int), void *arg, double operations)
{
	double top = 0;

	for (int i = 0; i < 3; i++) {
		double t = seconds(), rate;

		pool_run(p, count, piece, arg);
		rate = operations / (seconds() - t) * 1e-9;
		top = rate > top ? rate : top;
	}
	return top;
}

static float *
numbers(size_t n)
{
	float *x = mem_array(n, sizeof *x);

	for (size_t i = 0; i < n; i++)
		x[i] = (float)((double)(i * 7919 % 1009) / 504.5 - 1);
	return x;
}

int
main(int argc, char **argv)
{
	const struct model *m = models, *end = models + sizeof models / sizeof *models;
	int threads = argc == 3 ? atoi(argv[2]) : 0;
	struct work w;
	struct pool *p;
	double all;

	while (argc == 3 && m < end && strcmp(m->name, argv[1]))
		m++;
	if (threads < 1 || m == end || !(p = pool_new(threads))) {
		fprintf(stderr, "ceiling micro|tiny|small|base THREADS\n");
		return 2;
	}
	w = (struct work){ m->D, m->rows, 1 + (int)(15e9 / (72.0 * m->rows * m->D * m->D)),
		mem_array((size_t)threads, sizeof *w.a), mem_array((size_t)threads, sizeof *w.b),
		mem_array((size_t)threads, sizeof *w.c) };
	for (int i = 0; i < threads; i++) {
		/* the first thread has room for all rows, for the single call; a result is the outputs of a layer or
		   its dW */
		size_t rows = (size_t)m->rows * (size_t)(i ? 1 : threads), D = (size_t)m->D;

		w.a[i] = numbers(4 * rows * D);
		w.b[i] = numbers(4 * D * D);
		w.c[i] = numbers(4 * D * (rows > D ? rows : D));
	}
	all = 72.0 * m->rows * m->D * m->D * w.times * threads;
	printf("%.6g ", best(p, threads, loop, NULL, peak_loop()() * threads));
	printf("%.6g ", best(p, threads, layers, &w, all));
	pool_free(p);
	p = pool_new(1);
	w.rows *= threads;
	openblas_set_num_threads(threads);
	printf("%.6g\n", best(p, 1, layers, &w, all));
	pool_free(p);
	for (int i = 0; i < threads; i++) {
		free(w.a[i]);
		free(w.b[i]);
		free(w.c[i]);
	}
	free(w.a);
	free(w.b);
	free(w.c);
	return 0;
}
