/* linear_probe - the linear probe against a slow one in double precision, with the same order of records */
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "metrics/feature_set.h"
#include "metrics/knn.h"
#include "metrics/linear_probe.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 530, TEST = 300, D = 13, C = 7 };

/* features around a center for each class, with different scales; every eleventh feature is constant */
static struct feature_set
make(long n, const char *name)
{
	struct feature_set s = { .n = n, .d = D, .x = mem_array((size_t)(n * D), sizeof *s.x),
		.labels = mem_array((size_t)n, sizeof *s.labels) };
	struct rng r = rng_at(1, 0, name, "");
	long i;
	int k;

	for (i = 0; i < n; i++) {
		s.labels[i].class = (int)rng_below(&r, C);
		s.labels[i].draw = rng_unit(&r);
		for (k = 0; k < D; k++) {
			struct rng center = rng_at(2, s.labels[i].class * D + k, "center", "");
			const double x = 0.5 * rng_normal(&center) + rng_normal(&r);

			s.x[i * D + k] = (float)(k % 11 == 5 ? 3 : (k + 1) * 0.3 * x + k);
		}
	}
	return s;
}

static void
drop(struct feature_set *s)
{
	free(s->x);
	free(s->labels);
}

/* is the record in the tenth with the smallest random numbers? */
static int
apart(const struct feature_set *s, long i)
{
	long below = 0;

	for (long j = 0; j < s->n; j++)
		below += s->labels[j].draw < s->labels[i].draw;
	return below < s->n / 10;
}

/* The formulas of linear.h as they stand, for one rate: w (C, D), b (C) for standardized features z; its mean and
   deviation. */
struct slow { double w[C][D], b[C], mean[D], root[D]; long right; };

static void
scores(const struct slow *m, const float *x, double *y)
{
	for (int c = 0; c < C; c++) {
		y[c] = m->b[c];
		for (int k = 0; k < D; k++)
			y[c] += m->w[c][k] * (x[k] - m->mean[k]) / m->root[k];
	}
}

static int
told(const struct slow *m, const float *x)
{
	double y[C];
	int best = 0;

	scores(m, x, y);
	for (int c = 1; c < C; c++)
		if (y[c] > y[best])
			best = c;
	return best;
}

static void
slow_train(struct slow *m, const struct linear_probe *l, const struct feature_set *s, double rate)
{
	static double v[C][D], vb[C], g[C][D], gb[C];
	long rows[N], order[N], n = 0, steps, done = 0;

	memset(m, 0, sizeof *m);
	memset(v, 0, sizeof v);
	memset(vb, 0, sizeof vb);
	for (long i = 0; i < s->n; i++)
		if (!apart(s, i))
			rows[n++] = i;
	for (int k = 0; k < D; k++) {
		for (long i = 0; i < n; i++)
			m->mean[k] += s->x[rows[i] * D + k] / (double)n;
		for (long i = 0; i < n; i++)
			m->root[k] += pow(s->x[rows[i] * D + k] - m->mean[k], 2) / (double)n;
		m->root[k] = sqrt(m->root[k] + 1e-6);
	}
	steps = (n + l->batch - 1) / l->batch * l->epochs;
	for (int epoch = 0; epoch < l->epochs; epoch++) {
		struct rng r = rng_at(0, epoch, "linear probe", "");

		memcpy(order, rows, sizeof order);
		rng_shuffle(&r, order, n);
		for (long at = 0; at < n; at += l->batch, done++) {
			const long some = n - at < l->batch ? n - at : l->batch;
			const double now = rate * (1 + cos(M_PI * (double)done / (double)steps)) / 2;

			memset(g, 0, sizeof g);
			memset(gb, 0, sizeof gb);
			for (long i = at; i < at + some; i++) {
				const float *x = s->x + order[i] * D;
				double y[C], sum = 0;

				scores(m, x, y);
				for (int c = 0; c < C; c++)
					sum += exp(y[c]);
				for (int c = 0; c < C; c++) {
					const double d = (exp(y[c]) / sum - (s->labels[order[i]].class == c))
						/ (double)some;

					gb[c] += d;
					for (int k = 0; k < D; k++)
						g[c][k] += d * (x[k] - m->mean[k]) / m->root[k];
				}
			}
			for (int c = 0; c < C; c++) {
				vb[c] = l->momentum * vb[c] + gb[c];
				m->b[c] -= now * vb[c];
				for (int k = 0; k < D; k++) {
					v[c][k] = l->momentum * v[c][k] + g[c][k];
					m->w[c][k] -= now * v[c][k];
				}
			}
		}
	}
	for (long i = 0; i < s->n; i++)
		m->right += apart(s, i) && told(m, s->x + i * D) == s->labels[i].class;
}

int
main(void)
{
	struct feature_set train = make(N, "train"), test = make(TEST, "test"), one = train;
	struct linear_probe l = linear_probe_default(), again = linear_probe_default();
	struct pool *pool = pool_new(1), *team = pool_new(3);
	static int top[TEST * KNN_TOP], other[TEST * KNN_TOP];
	static struct slow m, best = { .right = -1 };
	double rate = 0, worst = 0, length = 0, shift;
	long right = 0, same = 0;

	l.batch = again.batch = 64;
	if (linear_probe_train(&l, &train, C, pool) < 0)
		return 1;
	ok(l.w && l.train_count == N - N / 10 && l.val_count == N / 10,
		"a tenth of the records is the validation split: %ld and %ld", l.train_count, l.val_count);
	linear_probe_classify(&l, &test, C, pool, top);
	for (int i = 0; i < l.count; i++) {
		slow_train(&m, &l, &train, l.learning_rates[i]);
		if (m.right > best.right) {
			best = m;
			rate = l.learning_rates[i];
		}
	}
	ok(l.learning_rate == rate && l.val_correct == best.right,
		"the reference chooses the same learning rate, %g, with the same accuracy, %ld of %ld", l.learning_rate,
		l.val_correct, l.val_count);
	for (int c = 0; c < C; c++) {
		shift = best.b[c];
		for (int k = 0; k < D; k++) {
			const double w = best.w[c][k] / best.root[k];

			worst = fmax(worst, fabs(l.w[c * D + k] - w));
			length = fmax(length, fabs(w));
			shift -= w * best.mean[k];
		}
		worst = fmax(worst, fabs(l.b[c] - shift));
	}
	ok(worst < 1e-4 * length, "weights agree with the reference to single precision: %.1e of %.2g", worst, length);
	for (int i = 0; i < TEST; i++) {
		right += top[i * KNN_TOP] == test.labels[i].class;
		same += top[i * KNN_TOP] == told(&best, test.x + i * D);
	}
	ok(same == TEST && right > TEST / 2,
		"the reference predicts the same class for every test record (%ld correct)", right);
	if (linear_probe_train(&again, &train, C, team) < 0)
		return 1;
	linear_probe_classify(&again, &test, C, team, other);
	ok(memcmp(l.w, again.w, sizeof(float) * C * D) == 0 && memcmp(l.b, again.b, sizeof(float) * C) == 0 &&
			memcmp(top, other, sizeof top) == 0,
		"one and three threads give the same bits");
	linear_probe_free(&again);
	one.n = 1;
	ok(linear_probe_train(&again, &one, C, pool) < 0 && err_status() == ERR_DATA,
		"a linear probe of one record is refused: %s",
		err_text());
	linear_probe_free(&again);
	linear_probe_free(&l);
	drop(&train);
	drop(&test);
	pool_free(pool);
	pool_free(team);
	return tap_end();
}
