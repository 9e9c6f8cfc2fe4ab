/* norm - layer norm over the last dimension

   h = (x - mean) / sqrt(var + eps), y = h * gamma + beta, mean and biased variance by row of D.
   g = dy * gamma; dx = (g - mean(g) - h * mean(g * h)) / sqrt(var + eps); dgamma = sum dy * h; dbeta = sum dy. */
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <stddef.h>

struct norm_op {
	struct var *x, *gamma, *beta, *y;
	float *stat;	/* mean and 1 / sqrt(var + eps) of each row */
};

static void
back(void *op)
{
	struct norm_op *a = op;
	struct var *x = a->x;
	int add = x->dx && var_beta(x) != 0;

	if (a->gamma->dx)
		var_zero(a->gamma);
	if (a->beta->dx)
		var_zero(a->beta);
	kernel_norm_back(var_rows(x), var_width(x), x->x, a->gamma->x, a->stat, a->y->dx, x->dx, add, a->gamma->dx,
	    a->beta->dx);
}

struct var *
op_norm(struct tape *t, struct var *x, struct var *gamma, struct var *beta, float eps)
{
	int R = var_rows(x), D = var_width(x);
	struct norm_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, var_needs_grad(x, gamma, beta));

	check(x->rank >= 1 && var_count(gamma) == D && var_count(beta) == D, "norm", x, gamma, beta);
	*a = (struct norm_op){ x, gamma, beta, y, tape_keep(t, 2 * sizeof(float) * (size_t)R) };
	kernel_norm(R, D, x->x, gamma->x, beta->x, eps, y->x, a->stat);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x, gamma, beta));
	return y;
}

struct var *
op_norm_add(struct tape *t, struct var *a, struct var *b, struct var *gamma, struct var *beta, float eps,
	struct var **sum)
{
	*sum = op_add(t, a, b);
	return op_norm(t, *sum, gamma, beta, eps);
}
