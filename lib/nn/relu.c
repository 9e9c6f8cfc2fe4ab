/* relu - y = max(x, 0); dx = dy where y > 0, else 0 */
#include "nn/op.h"
#include "kernel/kernel.h"

struct relu {
	struct var *x, *y;
};

static void
back(void *op)
{
	struct relu *a = op;

	kernel_columns_where(1, (int)var_count(a->y), a->y->dx, a->y->x, NULL);
	var_pass(a->y, a->x);
}

struct var *
op_relu(struct tape *t, struct var *x)
{
	struct relu *a = tape_keep(t, sizeof *a);

	*a = (struct relu){ x, tape_like(t, x, 0, x->dx) };
	kernel_relu(var_count(x), x->x, a->y->x);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
