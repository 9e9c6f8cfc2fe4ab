/* grad - one op against finite differences: how a row of grad.c is checked

   f(x) = sum of r * op(x), r random and fixed (1 for a loss), summed in double. f' along a direction v of
   length 1: (8 (f(h) - f(-h)) - (f(2h) - f(-2h))) / 12h, wrong by h^4 f'''''/30 and by the rounding of f / h.
   Tolerance: single precision leaves about 1e-7 sqrt(terms) in f, over h = 0.02 that is 5e-6 sqrt(terms),
   where the gradient's length is about sqrt(terms); the rest (sums inside the op) is allowed a factor 100. */
#ifndef TESTS_GRAD_H
#define TESTS_GRAD_H

#include "base/mem.h"
#include "base/rng.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS = 5, TERMS = 1 << 16 };
static const double step = 0.02, tolerance = 5e-4;
static const struct rng no_rng[128];

struct row {
	const char *name;
	struct var *(*build)(struct tape *t, struct var **x, const struct row *row);
	struct input {
		int shape[4];
		float scale, offset;
		bool constant, parameter;
	} in[INPUTS]; /* numbers: +-offset + scale * normal */
	int option;		/* what build makes of it */
	double looser;		/* factor on the tolerance, 0: 1 */
};

struct run {			/* a row's numbers: inputs, their gradients, the result */
	const struct row *row;
	long n[INPUTS], results;
	float *x[INPUTS], *g[INPUTS], *y, *dy;
	bool through; /* inputs are results of another op */
	bool prefilled; /* dx of the inputs holds 1 already */
	bool twice; /* the op is used twice */
};

static int
rank_of(const struct input *in)
{
	int rank = 0;

	while (rank < 4 && in->shape[rank])
		rank++;
	return rank;
}

static void
run_open(struct run *r, const struct row *row)
{
	memset(r, 0, sizeof *r);
	r->row = row;
	r->y = mem_array(TERMS, sizeof(float));
	r->dy = mem_array(TERMS, sizeof(float));
	for (int i = 0; i < INPUTS && row->in[i].shape[0]; i++) {
		const struct input *in = &row->in[i];
		struct rng rng = rng_at(1, i, "input", row->name);

		r->n[i] = 1;
		for (int d = 0; d < rank_of(in); d++)
			r->n[i] *= in->shape[d];
		r->x[i] = mem_array((size_t)r->n[i], sizeof(float));
		r->g[i] = mem_array((size_t)r->n[i], sizeof(float));
		for (long j = 0; j < r->n[i]; j++)
			r->x[i][j] = (float)((rng_word(&rng) & 1 ? 1 : -1) * (double)in->offset +
				(double)in->scale * rng_normal(&rng));
	}
}

static void
run_close(struct run *r)
{
	for (int i = 0; i < INPUTS; i++) {
		free(r->x[i]);
		free(r->g[i]);
	}
	free(r->y);
	free(r->dy);
}

/* f; with `backward` the gradients too */
static double
run_value(struct run *r, bool backward)
{
	struct tape t = { 0 };
	struct var *x[INPUTS] = { 0 }, *source[INPUTS], *y;
	struct rng rng = rng_at(2, 0, "result", r->row->name);
	double f = 0;

	tape_reset(&t, backward, NULL, NULL);
	for (int i = 0; i < INPUTS && r->n[i]; i++) {
		const struct input *in = &r->row->in[i];
		float fill = r->prefilled ? 1 : 0;

		for (long j = 0; j < r->n[i]; j++)
			r->g[i][j] = backward && !in->parameter && !fill ? NAN : fill; /* a fresh dx must not be read */
		source[i] = x[i] = tape_wrap(&t, r->x[i], in->constant || !backward ? NULL : r->g[i], rank_of(in),
			in->shape[0], in->shape[1], in->shape[2], in->shape[3]);
		x[i]->filled = in->parameter || r->prefilled;
		if (r->through && !in->parameter)
			x[i] = op_dropout(&t, x[i], 0, no_rng);
	}
	y = r->row->build(&t, x, r->row);
	if (r->twice)
		y = op_add(&t, y, r->row->build(&t, x, r->row));
	r->results = var_count(y);
	memcpy(r->y, y->x, (size_t)r->results * sizeof(float));
	for (long i = 0; i < r->results; i++) {
		r->dy[i] = y->rank ? (float)rng_normal(&rng) : 1;
		f += (double)r->dy[i] * y->x[i];
	}
	if (backward) {
		var_seed(y, r->dy, 1);
		tape_backward(&t);
		for (int i = 0; i < INPUTS && r->n[i]; i++)
			if (!source[i]->dx || !source[i]->filled)
				memset(r->g[i], 0, (size_t)r->n[i] * sizeof(float));
	}
	tape_free(&t);
	return f;
}

/* x += h * v */
static double
value_at(struct run *r, float *const x[INPUTS], float *const v[INPUTS], double h)
{
	for (int i = 0; i < INPUTS; i++)
		for (long j = 0; j < r->n[i]; j++)
			r->x[i][j] = (float)(x[i][j] + h * v[i][j]);
	return run_value(r, false);
}

/* the larger one; a NaN stays */
static double
worse(double a, double b)
{
	return isnan(a) || b <= a ? a : b;
}

/* |difference quotient - <g, v>| in units of the gradient's length */
static double
direction_error(struct run *r, float *const g[INPUTS], float *const v[INPUTS])
{
	float *x[INPUTS] = { 0 };
	double dot = 0, square = 0, quotient;

	for (int i = 0; i < INPUTS; i++) {
		x[i] = r->n[i]
			? memcpy(mem_array((size_t)r->n[i], sizeof(float)), r->x[i], (size_t)r->n[i] * sizeof(float))
			: NULL;
		for (long j = 0; j < r->n[i]; j++) {
			dot += (double)g[i][j] * v[i][j];
			square += (double)g[i][j] * g[i][j];
		}
	}
	quotient = (8 * (value_at(r, x, v, step) - value_at(r, x, v, -step)) -
		(value_at(r, x, v, 2 * step) - value_at(r, x, v, -2 * step))) /
		(12 * step);
	value_at(r, x, v, 0);
	for (int i = 0; i < INPUTS; i++)
		free(x[i]);
	return fabs(quotient - dot) / sqrt(square + 1e-30);
}

/* direction `which`: 0 the gradient's own, 1 .. 3 random, then single coordinates; false where `i` has none */
static void
direction(const struct run *r, float *const g[INPUTS], int which, float *v[INPUTS])
{
	struct rng rng = rng_at(3, which, "direction", r->row->name);
	double square = 0;
	int only = which > 3 ? which % INPUTS : -1;

	while (only > 0 && (!r->n[only] || r->row->in[only].constant))
		only--;
	for (int i = 0; i < INPUTS; i++) {
		long at = only == i ? rng_below(&rng, r->n[i]) : -1;

		for (long j = 0; j < r->n[i]; j++) {
			v[i][j] = r->row->in[i].constant ? 0
				: which == 0             ? g[i][j]
				: which > 3              ? j == at
					: (float)rng_normal(&rng);
			square += (double)v[i][j] * v[i][j];
		}
	}
	for (int i = 0; i < INPUTS; i++)
		for (long j = 0; j < r->n[i]; j++)
			v[i][j] /= (float)sqrt(square + 1e-30);
}

/* The worst error over all directions. */
static double
gradient_error(const struct row *row)
{
	struct run r;
	float *g[INPUTS] = { 0 }, *v[INPUTS] = { 0 };
	double worst = 0;

	run_open(&r, row);
	run_value(&r, true);
	for (int i = 0; i < INPUTS && r.n[i]; i++) {
		g[i] = memcpy(mem_array((size_t)r.n[i], sizeof(float)), r.g[i], (size_t)r.n[i] * sizeof(float));
		v[i] = mem_array((size_t)r.n[i], sizeof(float));
	}
	for (int which = 0; which < 4 + 6 * INPUTS; which++) {
		double e;

		direction(&r, g, which, v);
		e = direction_error(&r, g, v);
		worst = worse(worst, e);
	}
	for (int i = 0; i < INPUTS; i++) {
		free(g[i]);
		free(v[i]);
	}
	run_close(&r);
	return worst;
}

/* The worst |a - factor * b - add| of results (where factor is 1) and gradients, in units of the largest. */
static double
difference(const struct run *a, const struct run *b, float factor, float add)
{
	double worst = 0, top = 1e-30;

	for (long i = 0; i < b->results; i++)
		top = fmax(top, fabs((double)b->y[i]));
	for (long i = 0; i < b->results; i++) {
		double e = fabs((double)(a->y[i] - factor * b->y[i])) / top;

		worst = worse(worst, e);
	}
	for (int i = 0; i < INPUTS; i++) {
		top = 1e-30;
		for (long j = 0; j < b->n[i]; j++)
			top = fmax(top, fabs((double)b->g[i][j]));
		for (long j = 0; j < b->n[i] && !b->row->in[i].constant; j++) {
			double e = fabs((double)(a->g[i][j] - factor * b->g[i][j] - add)) / (top + fabs((double)add));

			worst = worse(worst, e);
		}
	}
	return worst;
}

#endif
