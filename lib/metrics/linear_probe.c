/* linear_probe - the linear probe: batch norm without affine, one linear layer, several learning rates in parallel

   A work item is one learning rate, trained by one thread. Threads share only the features: the result does not depend
   on their number. The norm is folded into w and b at the end. */
#include "metrics/linear_probe.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "metrics/knn.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CLASSIFY_ROWS = 256 };	/* rows of a product in classification */

static const double eps = 1e-6;	/* batch norm's; formats/method.md */

struct probe_trial {
	const struct linear_probe *l;
	const struct feature_set *set;
	const long *rows;		/* the first l->train_count to train on, then the validation split */
	const float *mean, *scale;	/* (D) */
	int C;
	double learning_rate;
	float *w, *b;			/* (C, D), (C); once folded: for features without normalization */
};

/* Buffers of one training thread. */
struct probe_buffers {
	long *order;
	int *classes;			/* of the batch */
	float *z, *p, *v, *vb;		/* (batch, D), (batch, C); velocities of w and b */
};

static void
normalize_batch(const struct probe_trial *t, struct probe_buffers *d, const long *rows, int n)
{
	const int D = t->set->d;
	int i, k;

	for (i = 0; i < n; i++) {
		const float *x = t->set->x + rows[i] * D;
		float *z = d->z + (long)i * D;

		for (k = 0; k < D; k++)
			z[k] = (x[k] - t->mean[k]) * t->scale[k];
		d->classes[i] = t->set->labels[rows[i]].class;
	}
}

/* One step on n rows: v = momentum v + gradient, w -= learning_rate v. */
static void
step(struct probe_trial *t, struct probe_buffers *d, int n, double learning_rate)
{
	const float momentum = (float)t->l->momentum, mean = 1 / (float)n;
	const int D = t->set->d, C = t->C;
	int i;

	kernel_fill_rows(n, C, t->b, d->p);
	gemm(false, true, n, C, D, 1, d->z, D, t->w, D, 1, d->p, C);
	kernel_softmax(n, C, C, d->p, 1, NULL);
	for (i = 0; i < n; i++)
		d->p[(long)i * C + d->classes[i]] -= 1;
	kernel_scale((long)n * C, mean, d->p);
	gemm(true, false, C, D, n, 1, d->p, C, d->z, D, momentum, d->v, D);
	kernel_scale(C, momentum, d->vb);
	kernel_columns(n, C, d->p, d->vb);
	kernel_axpy((long)C * D, (float)-learning_rate, d->v, t->w);
	kernel_axpy(C, (float)-learning_rate, d->vb, t->b);
}

/* w ((x - mean) scale) + b = (w scale) x + (b - <w scale, mean>) */
static void
fold(struct probe_trial *t)
{
	int c, k;

	for (c = 0; c < t->C; c++) {
		float *w = t->w + (long)c * t->set->d;
		double shift = 0;

		for (k = 0; k < t->set->d; k++) {
			w[k] *= t->scale[k];
			shift += (double)w[k] * t->mean[k];
		}
		t->b[c] = (float)(t->b[c] - shift);
	}
}

static void
train(void *arg, int number, int worker)
{
	struct probe_trial *t = (struct probe_trial *)arg + number;
	const struct linear_probe *l = t->l;
	const long n = l->train_count, steps = (n + l->batch - 1) / l->batch * l->epochs;
	const size_t batch = (size_t)l->batch, D = (size_t)t->set->d, C = (size_t)t->C;
	struct probe_buffers d = { mem_array((size_t)n, sizeof *d.order), mem_array(batch, sizeof *d.classes),
		mem_array(mem_product(batch, D), sizeof *d.z), mem_array(mem_product(batch, C), sizeof *d.p),
		mem_array(mem_product(C, D), sizeof *d.v), mem_array(C, sizeof *d.vb) };
	long at, done = 0;
	int epoch;

	(void)worker;
	for (epoch = 0; epoch < l->epochs; epoch++) {
		struct rng r = rng_at(0, epoch, "linear probe", "");

		memcpy(d.order, t->rows, (size_t)n * sizeof *d.order);
		rng_shuffle(&r, d.order, n);
		for (at = 0; at < n; at += l->batch, done++) {
			const int some = n - at < l->batch ? (int)(n - at) : l->batch;

			normalize_batch(t, &d, d.order + at, some);
			step(t, &d, some, t->learning_rate * (1 + cos(M_PI * (double)done / (double)steps)) / 2);
		}
	}
	fold(t);
	free(d.order);
	free(d.classes);
	free(d.z);
	free(d.p);
	free(d.v);
	free(d.vb);
}

/* mean, and 1 / sqrt(variance + eps), of the features of these rows */
static void
statistics(const struct feature_set *s, const long *rows, long n, float *mean, float *scale)
{
	double *sum = mem_array((size_t)s->d, sizeof *sum), *square = mem_array((size_t)s->d, sizeof *square);
	long i;
	int k;

	for (i = 0; i < n; i++)
		for (k = 0; k < s->d; k++)
			sum[k] += s->x[rows[i] * s->d + k];
	for (k = 0; k < s->d; k++)
		mean[k] = (float)(sum[k] / (double)n);
	for (i = 0; i < n; i++)
		for (k = 0; k < s->d; k++) {
			const double x = (double)s->x[rows[i] * s->d + k] - mean[k];

			square[k] += x * x;
		}
	for (k = 0; k < s->d; k++)
		scale[k] = (float)(1 / sqrt(square[k] / (double)n + eps));
	free(sum);
	free(square);
}

/* The best classes of a row of scores, best first; overwrites the scores. */
static void
pick_best(int C, float *score, int *top)
{
	int i, c;

	for (i = 0; i < KNN_TOP; i++) {
		top[i] = -1;
		for (c = 0; c < C; c++)
			if (score[c] > -INFINITY && (top[i] < 0 || score[c] > score[top[i]]))
				top[i] = c;
		if (top[i] >= 0)
			score[top[i]] = -INFINITY;
	}
}

struct probe_query {
	const struct linear_probe *l;
	const struct feature_set *test;
	int C;
	int *top;
};

static void
classify_rows(void *arg, int number, int worker)
{
	const struct probe_query *q = arg;
	const int D = q->test->d, C = q->C;
	const long first = (long)number * CLASSIFY_ROWS;
	const int n = q->test->n - first < CLASSIFY_ROWS ? (int)(q->test->n - first) : CLASSIFY_ROWS;
	float *scores = mem_array(mem_product((size_t)n, (size_t)C), sizeof *scores);
	int i;

	(void)worker;
	kernel_fill_rows(n, C, q->l->b, scores);
	gemm(false, true, n, C, D, 1, q->test->x + first * D, D, q->l->w, D, 1, scores, C);
	for (i = 0; i < n; i++)
		pick_best(C, scores + (long)i * C, q->top + (first + i) * KNN_TOP);
	free(scores);
}

void
linear_probe_classify(const struct linear_probe *l, const struct feature_set *test, int count, struct pool *pool,
	int *top)
{
	struct probe_query q = { l, test, count, top };

	pool_run(pool, (int)((test->n + CLASSIFY_ROWS - 1) / CLASSIFY_ROWS), classify_rows, &q);
}

/* Keep the weights of the trial with the best validation accuracy. */
static void
choose(struct linear_probe *l, struct probe_trial *trials, int C, struct pool *pool)
{
	const struct feature_set *s = trials[0].set;
	const long *val_count = trials[0].rows + l->train_count;
	int *top = mem_array((size_t)s->n, KNN_TOP * sizeof *top), i;
	long k;

	l->val_correct = -1;
	for (i = 0; i < l->count; i++) {
		const struct linear_probe tried = { .w = trials[i].w, .b = trials[i].b };
		long correct = 0;

		linear_probe_classify(&tried, s, C, pool, top);
		for (k = 0; k < l->val_count; k++)
			correct += top[val_count[k] * KNN_TOP] == s->labels[val_count[k]].class;
		if (correct <= l->val_correct) {
			free(trials[i].w);
			free(trials[i].b);
			continue;
		}
		free(l->w);
		free(l->b);
		l->w = trials[i].w;
		l->b = trials[i].b;
		l->learning_rate = trials[i].learning_rate;
		l->val_correct = correct;
	}
	free(top);
}

struct linear_probe
linear_probe_default(void)
{
	return (struct linear_probe){ .epochs = 90, .batch = 256, .momentum = 0.9, .count = 8,
		.learning_rates = { 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1 } };
}

int
linear_probe_train(struct linear_probe *l, const struct feature_set *set, int count, struct pool *pool)
{
	long *rows = mem_array((size_t)set->n, sizeof *rows);
	float *mean = mem_array((size_t)set->d, sizeof *mean), *scale = mem_array((size_t)set->d, sizeof *scale);
	struct probe_trial trials[LINEAR_PROBE_TRIALS_MAX];
	int k, result = 0;

	assert(l->count > 0 && l->count <= LINEAR_PROBE_TRIALS_MAX && count > 0);
	l->val_count = (set->n + 9) / 10;
	l->train_count = set->n - l->val_count;
	feature_set_split(set, l->val_count, rows);
	if (l->train_count == 0)
		result = err(ERR_DATA, "one record is too few for a training and a validation split");
	else {
		statistics(set, rows, l->train_count, mean, scale);
		for (k = 0; k < l->count; k++)
			trials[k] = (struct probe_trial){ l, set, rows, mean, scale, count, l->learning_rates[k],
				mem_array(mem_product((size_t)count, (size_t)set->d), sizeof(float)),
				mem_array((size_t)count, sizeof(float)) };
		pool_run(pool, l->count, train, trials);
		choose(l, trials, count, pool);
	}
	free(rows);
	free(mean);
	free(scale);
	return result;
}

void
linear_probe_free(struct linear_probe *l)
{
	free(l->w);
	free(l->b);
	l->w = l->b = NULL;
}
