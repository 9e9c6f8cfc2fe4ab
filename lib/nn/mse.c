/* mse - scale * sum (a - b)^2, where b is a constant or a variable; da = 2 scale (a - b) dy, db = -da */
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <stddef.h>

struct mse_op {
	struct var *a, *b, *y;	/* b NULL: the target is constant */
	const float *target;
	float scale;
};

static void
one(const struct mse_op *m, struct var *v, float sign)
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
back(void *op)
{
	struct mse_op *m = op;

	one(m, m->a, 1);
	one(m, m->b, -1);
}

static struct var *
mse(struct tape *t, struct var *a, struct var *b, const float *target, float scale)
{
	struct mse_op *m = tape_keep(t, sizeof *m);

	*m = (struct mse_op){ a, b, tape_var(t, 0, 0, 0, 0, 0, var_needs_grad(a, b, NULL)), target, scale };
	m->y->x[0] = (float)(kernel_distance(var_count(a), a->x, target) * (double)scale);
	tape_push(t, back, m, m->y, TAPE_INPUTS(a, b));
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
	check(var_count(a) == var_count(b), "mse", a, b, NULL);
	return mse(t, a, b, b->x, scale);
}
