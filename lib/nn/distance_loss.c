/* distance_loss - losses of two tensors of one shape: squared error, cosine */
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stddef.h>

/* mse - scale * sum (a - b)^2, where b is a constant or a variable; da = 2 scale (a - b) dy, db = -da */

struct mse_op {
	struct var *a, *b, *y;	/* b NULL: the target is constant */
	const float *target;
	float scale;
};

static void
mse_one(const struct mse_op *m, struct var *v, float sign)
{
	long n = var_count(m->a);
	float f = sign * 2 * m->scale * m->y->dx[0], beta;

	if (!v || !v->dx)
		return;
	beta = var_beta(v);
	for (long i = 0; i < n; i++)
		v->dx[i] = (beta != 0 ? v->dx[i] : 0) + f * (m->a->x[i] - m->target[i]);
}

static void
mse_back(void *op)
{
	struct mse_op *m = op;

	mse_one(m, m->a, 1);
	mse_one(m, m->b, -1);
}

static struct var *
mse(struct tape *t, struct var *a, struct var *b, const float *target, float scale)
{
	struct mse_op *m = tape_keep(t, sizeof *m);

	*m = (struct mse_op){ a, b, tape_var(t, 0, 0, 0, 0, 0, var_needs_grad(a, b, NULL)), target, scale };
	m->y->x[0] = (float)(kernel_distance(var_count(a), a->x, target) * (double)scale);
	tape_push(t, mse_back, m, m->y, TAPE_INPUTS(a, b));
	return m->y;
}

struct var *
op_mse(struct tape *t, struct var *x, const float *target, float scale)
{
	return mse(t, x, NULL, target, scale);
}

struct var *
op_mse_pair(struct tape *t, struct var *a, struct var *b, float scale)
{
	var_check(var_count(a) == var_count(b), "mse", a, b, NULL);
	return mse(t, a, b, b->x, scale);
}

/* cosine - scale * sum over rows of -cos(a, b), cos = <a, b> / max(|a| |b|, eps)

   dcos/da = b / (|a||b|) - cos a / |a|^2 (the last term only where |a| |b| > eps), and the same for b. */

static const double eps = 1e-8;	/* torch.nn.CosineSimilarity's default */

struct cosine_op {
	struct var *a, *b, *y;
	double *stat;	/* <a, b>, <a, a>, <b, b> of each row */
	float scale;
};

static void
cosine_one(const struct cosine_op *c, struct var *v, const struct var *other, int square)
{
	int R = var_rows(v), D = var_width(v);
	float f = -c->scale * c->y->dx[0], beta;

	if (!v->dx)
		return;
	beta = var_beta(v);
	for (int r = 0; r < R; r++) {
		const double *s = c->stat + 3L * r;
		double norm = sqrt(s[1] * s[2]);
		float to_other = (float)(1 / (norm > eps ? norm : eps));
		float to_self = norm > eps ? (float)(s[0] / norm / s[square]) : 0;

		for (long i = (long)r * D; i < (long)(r + 1) * D; i++)
			v->dx[i] = (beta != 0 ? v->dx[i] : 0) + f * (to_other * other->x[i] - to_self * v->x[i]);
	}
}

static void
cosine_back(void *op)
{
	struct cosine_op *c = op;

	cosine_one(c, c->a, c->b, 1);
	cosine_one(c, c->b, c->a, 2);
}

struct var *
op_cosine(struct tape *t, struct var *a, struct var *b, float scale)
{
	int R = var_rows(a), D = var_width(a);
	struct cosine_op *c = tape_keep(t, sizeof *c);
	double sum = 0;

	var_check(a->rank >= 1 && var_rows(b) == R && var_width(b) == D, "cosine", a, b, NULL);
	*c = (struct cosine_op){ a, b, tape_var(t, 0, 0, 0, 0, 0, var_needs_grad(a, b, NULL)),
	    tape_array(t, (size_t)R, 3 * sizeof(double)), scale };
	for (int r = 0; r < R; r++) {
		const float *x = a->x + (long)r * D, *z = b->x + (long)r * D;
		double *s = c->stat + 3L * r, norm;

		s[0] = kernel_dot(D, x, z);
		s[1] = kernel_square(D, x);
		s[2] = kernel_square(D, z);
		norm = sqrt(s[1] * s[2]);
		sum -= s[0] / (norm < eps ? eps : norm);
	}
	c->y->x[0] = (float)(sum * (double)scale);
	tape_push(t, cosine_back, c, c->y, TAPE_INPUTS(a, b));
	return c->y;
}
