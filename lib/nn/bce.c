/* bce - scale * sum over elements of w (log(1 + e^x) - x target): binary cross-entropy with logits

   dx = scale w (sigmoid(x) - target). Elements of weight 0 are ignored. */
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stddef.h>

struct bce_op {
	struct var *x, *y;
	float *slope;
	float scale;
};

static void
back(void *op)
{
	const struct bce_op *a = op;

	var_seed(a->x, a->slope, a->scale * a->y->dx[0]);
}

struct var *
op_bce(struct tape *t, struct var *x, const float *target, const float *weight, float scale)
{
	const long n = var_count(x);
	struct bce_op *a = tape_keep(t, sizeof *a);
	double sum = 0;
	long i;

	*a = (struct bce_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), tape_keep(t, sizeof *a->slope * (size_t)n), scale };
	for (i = 0; i < n; i++) {
		const float z = x->x[i], e = expf(-fabsf(z));

		a->slope[i] = weight[i] != 0 ? weight[i] * ((z < 0 ? e : 1) / (1 + e) - target[i]) : 0;
		sum += weight[i] != 0 ? (double)(weight[i] * ((z < 0 ? 0 : z) + log1pf(e) - z * target[i])) : 0;
	}
	a->y->x[0] = (float)(sum * (double)scale);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
