/* infonce - contrast between images: InfoNCE, nearest neighbors of a bank */
#include "base/mem.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* infonce - contrastive loss between images: van den Oord, Li, Vinyals, "Representation learning with contrastive
   predictive coding", 2018, eq. 4

   u, v: a, b at unit length. For slot m: s (N, N) = u_m v_m' / temperature, p = softmax(s) by row, loss = scale
   * sum over n of -log p[n, n]. ds = scale (p - 1); du = ds v / temperature; dv = ds' u / temperature;
   da = (du - u <u, du>) / |a|, and the same for b. */

static const double eps = 1e-12;	/* least divisor: torch.nn.functional.normalize's default */

struct infonce_op {
	struct tape *t;
	struct var *a, *b, *y;
	float *u, *v;		/* (N, M, D) unit length */
	float *p;		/* (M, N, N) softmax */
	float temperature, scale;
};

static double
length(int D, const float *x)
{
	double s = sqrt(kernel_square(D, x));

	return s < eps ? eps : s;
}

static float *
unit(struct tape *t, const struct var *x)
{
	int R = var_rows(x), D = var_width(x);
	float *u = tape_array(t, (size_t)var_count(x), sizeof *u);

	for (long r = 0; r < R; r++) {
		double s = length(D, x->x + r * D);

		for (long i = r * D; i < (r + 1) * D; i++)
			u[i] = (float)(x->x[i] / s);
	}
	return u;
}

/* dx from du, the gradient of the unit vectors */
static void
unit_back(struct var *x, const float *u, const float *du)
{
	int R = var_rows(x), D = var_width(x);
	float beta = var_beta(x);

	for (long r = 0; r < R; r++) {
		double s = length(D, x->x + r * D), dot = 0;

		for (long i = r * D; i < (r + 1) * D; i++)
			dot += (double)u[i] * du[i];
		for (long i = r * D; i < (r + 1) * D; i++)
			x->dx[i] = (beta != 0 ? x->dx[i] : 0) + (float)((du[i] - u[i] * dot) / s);
	}
}

static void
back(void *op)
{
	struct infonce_op *c = op;
	int N = c->a->shape[0], M = c->a->shape[1], D = c->a->shape[2], ld = M * D;
	float f = c->scale / c->temperature * c->y->dx[0];
	struct arena_mark mark;
	float *du;

	/* memory of gradients that this op fills first outlives the op: take it before the mark */
	if (c->a->dx)
		var_room(c->a);
	if (c->b->dx)
		var_room(c->b);
	mark = arena_mark(&c->t->arena);
	for (long i = 0; i < (long)M * N; i++)
		c->p[i * N + i % N] -= 1;
	du = tape_array(c->t, (size_t)var_count(c->a), sizeof *du);
	if (c->a->dx) {
		for (long m = 0; m < M; m++)
			gemm(false, false, N, D, N, f, c->p + m * N * N, N, c->v + m * D, ld, 0, du + m * D, ld);
		unit_back(c->a, c->u, du);
	}
	if (c->b->dx) {
		for (long m = 0; m < M; m++)
			gemm(true, false, N, D, N, f, c->p + m * N * N, N, c->u + m * D, ld, 0, du + m * D, ld);
		unit_back(c->b, c->v, du);
	}
	arena_release(&c->t->arena, mark);
}

/* -sum of log p[n, n] of one slot, whose p (N, N) is computed here */
static double
slot(const struct infonce_op *c, int m)
{
	int N = c->a->shape[0], M = c->a->shape[1], D = c->a->shape[2];
	float *s = c->p + (long)m * N * N;
	double loss = 0;

	gemm(false, true, N, N, D, 1 / c->temperature, c->u + (long)m * D, M * D, c->v + (long)m * D, M * D, 0, s, N);
	for (int n = 0; n < N; n++, s += N) {
		float top = s[0], positive = s[n];
		double sum = 0;

		for (int j = 1; j < N; j++)
			top = s[j] > top ? s[j] : top;
		for (int j = 0; j < N; j++)
			sum += exp((double)(s[j] - top));
		for (int j = 0; j < N; j++)
			s[j] = (float)(exp((double)(s[j] - top)) / sum);
		loss += log(sum) - (double)(positive - top);
	}
	return loss;
}

struct var *
op_infonce(struct tape *t, struct var *a, struct var *b, float temperature, float scale)
{
	int N = a->shape[0], M = a->shape[1], D = a->shape[2];
	struct infonce_op *c = tape_keep(t, sizeof *c);
	double loss = 0;

	var_check(a->rank == 3 && b->rank == 3 && b->shape[0] == N && b->shape[1] == M && b->shape[2] == D, "infonce",
	    a, b, NULL);
	*c = (struct infonce_op){ t, a, b, tape_var(t, 0, 0, 0, 0, 0, var_needs_grad(a, b, NULL)), unit(t, a),
	    unit(t, b),
	    tape_array(t, mem_product(mem_product((size_t)M, (size_t)N), (size_t)N), sizeof(float)), temperature,
	    scale };
	for (int m = 0; m < M; m++)
		loss += slot(c, m);
	c->y->x[0] = (float)(loss * (double)scale);
	tape_push(t, back, c, c->y, TAPE_INPUTS(a, b));
	return c->y;
}

/* nearest - the most similar row of a bank, for contrast with nearest neighbors: Dwibedi et al., "With a little help
   from my friends: nearest-neighbor contrastive learning of visual representations", 2021, eq. 2

   y[r] = bank[argmax over q of <x[r], bank[q]> / |bank[q]|]; the first one if several are equal. No gradient. */

struct var *
op_nearest(struct tape *t, struct var *x, struct var *bank)
{
	const int R = var_rows(x), D = var_width(x), Q = var_rows(bank);
	struct var *y = tape_like(t, x, 0, false);
	float *inverse = tape_array(t, (size_t)Q, sizeof *inverse);
	float *dot = tape_array(t, mem_product((size_t)R, (size_t)Q), sizeof *dot);

	var_check(bank->rank == 2 && var_width(bank) == D, "nearest", x, bank, NULL);
	for (long q = 0; q < Q; q++) {
		double length = sqrt(kernel_square(D, bank->x + q * D));

		inverse[q] = length > 0 ? (float)(1 / length) : 0;
	}
	gemm(false, true, R, Q, D, 1, x->x, D, bank->x, D, 0, dot, Q);
	for (long r = 0; r < R; r++) {
		const float *row = dot + r * Q;
		long best = 0;

		for (long q = 1; q < Q; q++)
			if (row[q] * inverse[q] > row[best] * inverse[best])
				best = q;
		memcpy(y->x + r * D, bank->x + best * D, (size_t)D * sizeof *y->x);
	}
	return y;
}
