/* view - the same memory under another shape, in part, or as a constant */
#include "nn/op.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reshape_op {
	struct var *x, *y;
};

/* y used the memory of x->dx, or took over another block: x takes the block of y */
static void
back(void *op)
{
	struct reshape_op *a = op;

	a->x->dx = a->y->dx;
	a->x->filled = true;
	a->y->owner = NULL;
}

struct var *
op_rows(struct tape *t, struct var *w, int from, int count)
{
	long width = var_count(w) / (w->rank ? w->shape[0] : 1);
	struct var *y;

	var_check(w->rank >= 1 && from >= 0 && count > 0 && from + count <= w->shape[0], "rows", w, NULL, NULL);
	var_check(!w->packed, "rows of a weight that is packed for op_linear", w, NULL, NULL);
	var_check(!w->dx || w->filled, "rows of a variable that is not a parameter", w, NULL, NULL);
	y = tape_wrap(t, w->x + from * width, w->dx ? w->dx + from * width : NULL, w->rank, count, w->shape[1],
	    w->shape[2], w->shape[3]);
	y->filled = w->filled;
	y->bf16 = w->bf16 ? w->bf16 + from * width : NULL;
	y->param = w->param;
	return y;
}

struct var *
op_reshape(struct tape *t, struct var *x, int rank, int d0, int d1, int d2, int d3)
{
	struct var *y = tape_wrap(t, x->x, x->dx, rank, d0, d1, d2, d3);
	struct reshape_op *a = tape_keep(t, sizeof *a);

	var_check(var_count(x) == var_count(y), "reshape", x, y, NULL);
	var_check(!x->packed, "reshape of a weight that is packed for op_linear", x, NULL, NULL);
	*a = (struct reshape_op){ x, y };
	y->filled = x->filled;
	y->owner = x->owner;
	y->bf16 = x->bf16;
	y->param = x->param;
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return y;
}

struct var *
op_detach(struct tape *t, struct var *x)
{
	struct var *y = tape_wrap(t, x->x, NULL, x->rank, x->shape[0], x->shape[1], x->shape[2], x->shape[3]);

	y->packed = x->packed;
	y->bf16 = x->bf16;
	return y;
}
