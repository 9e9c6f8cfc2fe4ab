/* dropout - y = x / (1 - p) or 0, the latter with probability p; which ones in image n is a function of rng[n] alone */
#include "nn/op.h"

struct dropout {
	struct var *x, *y;
	float *factor;	/* 0 or 1 / (1 - p), for each element */
};

static void
back(void *op)
{
	struct dropout *a = op;
	long n = var_count(a->y);

	for (long i = 0; i < n; i++)
		a->y->dx[i] *= a->factor[i];
	var_pass(a->y, a->x);
}

struct var *
op_dropout(struct tape *t, struct var *x, float p, const struct rng *rng)
{
	struct dropout *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, x->dx);
	long n = var_count(x) / x->shape[0];

	*a = (struct dropout){ x, y, tape_keep(t, (size_t)var_count(x) * sizeof(float)) };
	for (int image = 0; image < x->shape[0]; image++) {
		struct rng r = rng[image];

		for (long i = image * n; i < (image + 1) * n; i++) {
			a->factor[i] = rng_unit(&r) < (double)p ? 0 : 1 / (1 - p);
			y->x[i] = x->x[i] * a->factor[i];
		}
	}
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return y;
}
