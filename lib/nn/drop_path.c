/* drop_path - stochastic depth: y = x + f branch, f = 0 with probability p for all of an image, else 1 / (1 - p)

   Huang, Sun, Liu, Sedra, Weinberger, "Deep networks with stochastic depth", ECCV 2016; scaled while training as
   dropout is, so that nothing changes afterwards. Whether image n's branch is left out is a function of rng[n]. */
#include "nn/op.h"
#include "nn/check.h"
#include "kernel/kernel.h"

#include <string.h>

struct drop_path {
	struct var *x, *branch, *y;
	float *factor;	/* of each image */
};

static void
back(void *op)
{
	struct drop_path *a = op;
	const long n = var_count(a->y) / a->y->shape[0];

	if (a->branch->dx) {
		var_zero(a->branch);
		for (int i = 0; i < a->y->shape[0]; i++)
			if (a->factor[i] != 0)
				kernel_axpy(n, a->factor[i], a->y->dx + i * n, a->branch->dx + i * n);
	}
	var_pass(a->y, a->x);
}

struct var *
op_drop_path(struct tape *t, struct var *x, struct var *branch, float p, const struct rng *rng)
{
	struct drop_path *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, var_needs_grad(x, branch, NULL));
	const long n = var_count(x) / x->shape[0];

	check(x->rank >= 2 && var_count(branch) == var_count(x) && branch->shape[0] == x->shape[0], "drop path", x, branch, NULL);
	*a = (struct drop_path){ x, branch, y, tape_keep(t, (size_t)x->shape[0] * sizeof *a->factor) };
	memcpy(y->x, x->x, (size_t)var_count(x) * sizeof *y->x);
	for (int i = 0; i < x->shape[0]; i++) {
		struct rng r = rng[i];

		a->factor[i] = rng_unit(&r) < (double)p ? 0 : 1 / (1 - p);
		if (a->factor[i] != 0)
			kernel_axpy(n, a->factor[i], branch->x + i * n, y->x + i * n);
	}
	tape_push(t, back, a, a->y, TAPE_INPUTS(x, branch));
	return y;
}
