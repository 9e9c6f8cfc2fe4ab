/* linear - y = act(x w' + b), or y = residual + x w' + b

   x (R rows, I), w (O, I), y (R, O). Bias and residual are written into y and the product adds to them.
   One pass computes GELU and its derivative; the derivative overwrites the product.
   Where the weights have bfloat16 values (params_bf16), x and dy are rounded to bfloat16, and all three products
   multiply these numbers and add up in fp32; everything else stays in fp32.
   Weights that are packed for inference are multiplied by kernel_linear, and idle threads take part of the rows.
   Backward: g = dy * act'; dx = g w; dw = g' x; db = column sums of g; dresidual = dy. */
#include "base/mem.h"
#include "kernel/gemm.h"
#include "kernel/gemm_bf16.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/parallel.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNIT_ROWS = 6 };	/* rows are divided among threads in multiples of this: the kernels' tile, for speed alone */

struct linear_op {
	struct tape *t;
	struct var *x, *w, *b, *residual, *y;
	enum act act;
	float *slope;	/* GELU's derivative at every element of x w' + b */
};

/* n numbers in bfloat16, in memory that the caller releases */
static const uint16_t *
rounded(struct tape *t, long n, const float *x)
{
	uint16_t *to = tape_array(t, (size_t)n, sizeof *to);

	kernel_bf16(n, x, to);
	return to;
}

/* z = x w' + beta z */
static void
multiply(const struct linear_op *a, int R, int I, int O, float beta, float *z)
{
	struct arena_mark m;

	if (!a->w->bf16) {
		gemm(false, true, R, O, I, 1, a->x->x, I, a->w->x, I, beta, z, O);
		return;
	}
	m = arena_mark(&a->t->arena);
	gemm_bf16(false, true, R, O, I, rounded(a->t, (long)R * I, a->x->x), a->w->bf16, beta, z);
	arena_release(&a->t->arena, m);
}

/* dw and dx */
static void
multiply_back(const struct linear_op *a, int R, int I, int O)
{
	struct var *x = a->x, *w = a->w;
	const float *dy = a->y->dx;
	/* memory of gradients that this op fills first outlives the op: take it before the mark */
	const float beta_w = w->dx ? var_beta(w) : 0, beta_x = x->dx ? var_beta(x) : 0;
	const struct arena_mark m = arena_mark(&a->t->arena);
	const uint16_t *g = w->bf16 ? rounded(a->t, (long)R * O, dy) : NULL;

	if (w->dx && g)
		gemm_bf16(true, false, O, I, R, g, rounded(a->t, (long)R * I, x->x), beta_w, w->dx);
	else if (w->dx)
		gemm(true, false, O, I, R, 1, dy, O, x->x, I, beta_w, w->dx, I);
	if (x->dx && g)
		gemm_bf16(false, false, R, I, O, g, w->bf16, beta_x, x->dx);
	else if (x->dx)
		gemm(false, false, R, I, O, 1, dy, O, w->x, I, beta_x, x->dx, I);
	arena_release(&a->t->arena, m);
}

static void
back(void *op)
{
	struct linear_op *a = op;
	struct var *x = a->x, *y = a->y;
	float *db = NULL;
	int R = var_rows(x), I = var_width(x), O = var_width(y);

	if (a->b && a->b->dx) {
		var_zero(a->b);
		db = a->b->dx;
	}
	switch (a->act) {
	case ACT_NONE: kernel_columns(R, O, y->dx, db); break;
	case ACT_RELU: kernel_columns_where(R, O, y->dx, y->x, db); break;
	case ACT_GELU: kernel_columns_by(R, O, y->dx, a->slope, db); break;
	}
	multiply_back(a, R, I, O);
	var_pass(y, a->residual);
}

/* Rows from .. to-1 with packed weights: each depends on its row of x alone. */
static void
packed_rows(void *op, int from, int to, int worker)
{
	const struct linear_op *a = op;
	const int I = var_width(a->x), O = var_width(a->y), R = to - from;
	float *y = a->y->x + (long)from * O;

	(void)worker;
	if (a->residual)
		kernel_add_rows(R, O, a->residual->x + (long)from * O, a->b ? a->b->x : NULL, y);
	else
		kernel_fill_rows(R, O, a->b ? a->b->x : NULL, y);
	kernel_linear(R, O, I, a->x->x + (long)from * I, a->w->x, y);
	if (a->act == ACT_GELU)
		kernel_gelu((long)R * O, y, y, NULL);
	else if (a->act == ACT_RELU)
		kernel_relu((long)R * O, y, y);
}

static struct var *
linear(struct tape *t, struct var *x, struct var *w, struct var *b, struct var *residual, enum act act)
{
	int R = var_rows(x), I = var_width(x), O = w->shape[0];
	bool grad = var_needs_grad(x, w, b) || var_needs_grad(residual, NULL, NULL);
	struct linear_op *a = tape_keep(t, sizeof *a);
	struct var *y;
	float *z;

	var_check(x->rank >= 1 && var_count(w) == (long)O * I && (!b || var_count(b) == O), "linear", x, w, b);
	y = tape_like(t, x, O, grad);
	var_check(!w->packed || !t->on, "linear, packed for inference", x, w, NULL);
	var_check(!residual || (var_rows(residual) == R && var_width(residual) == O), "linear, residual", residual, y,
	    NULL);
	*a = (struct linear_op){ t, x, w, b, residual, y, act, NULL };
	if (act == ACT_GELU && t->on && grad)
		a->slope = tape_array(t, (size_t)var_count(y), sizeof(float));
	z = a->slope ? a->slope : y->x;
	if (w->packed) {
		parallel_for(t->team, R, UNIT_ROWS, packed_rows, a);
		gemm_count(2.0 * R * O * I);
		return y;
	}
	if (residual)
		kernel_add_rows(R, O, residual->x, b ? b->x : NULL, z);
	else if (b)
		kernel_fill_rows(R, O, b->x, z);
	multiply(a, R, I, O, residual || b ? 1 : 0, z);
	if (act == ACT_GELU)
		kernel_gelu(var_count(y), z, y->x, a->slope);
	else if (act == ACT_RELU)
		kernel_relu(var_count(y), z, y->x);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x, w, b, residual));
	return y;
}

struct var *
op_linear(struct tape *t, struct var *x, struct var *w, struct var *b, enum act act)
{
	return linear(t, x, w, b, NULL, act);
}

struct var *
op_linear_add(struct tape *t, struct var *x, struct var *w, struct var *b, struct var *residual)
{
	return linear(t, x, w, b, residual, ACT_NONE);
}
