/* gelu - y = x Phi(x), the erf form; dx = dy (Phi(x) + x phi(x)). (Behind a linear layer: op_linear's own.) */
#include "nn/op.h"
#include "kernel/kernel.h"

struct gelu {
	struct var *x, *y;
	float *slope;
};

static void
back(void *op)
{
	struct gelu *a = op;

	kernel_columns_by(1, (int)var_count(a->y), a->y->dx, a->slope, NULL);
	var_pass(a->y, a->x);
}

struct var *
op_gelu(struct tape *t, struct var *x)
{
	struct gelu *a = tape_keep(t, sizeof *a);

	*a = (struct gelu){ x, tape_like(t, x, 0, x->dx), NULL };
	if (x->dx && t->on)
		a->slope = tape_keep(t, sizeof *a->slope * (size_t)var_count(x));
	kernel_gelu(var_count(x), x->x, a->y->x, a->slope);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
