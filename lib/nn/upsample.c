/* upsample - y = add + x resampled bilinearly to h rows and w columns (sampling points: bilinear.h)

   x (N, H, W, C), add and y (N, h, w, C). Backward: each element of dy is added to its four sources in dx, by their
   weights; dadd = dy. */
#include "base/mem.h"
#include "nn/bilinear.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <string.h>

struct upsample_op {
	struct tape *t;
	struct var *x, *add, *y;
	struct bilinear *columns;	/* (w) */
};

static void
back(void *op)
{
	const struct upsample_op *a = op;
	const int N = a->x->shape[0], H = a->x->shape[1], W = a->x->shape[2], C = a->x->shape[3], h = a->y->shape[1],
	    w = a->y->shape[2];
	struct arena_mark m;
	float *work;

	if (a->x->dx) {
		var_zero(a->x);
		m = arena_mark(&a->t->arena);
		work = tape_keep(a->t, sizeof *work * (size_t)W * (size_t)C);
		for (int n = 0; n < N; n++)
			for (int r = 0; r < h; r++)
				bilinear_row_back(bilinear_point(r, H, h), a->columns, w,
				    a->y->dx + ((long)n * h + r) * w * C, W, C, work, a->x->dx + (long)n * H * W * C);
		arena_release(&a->t->arena, m);
	}
	var_pass(a->y, a->add);
}

struct var *
op_upsample(struct tape *t, struct var *x, int h, int w, struct var *add)
{
	const int N = x->shape[0], H = x->shape[1], W = x->shape[2], C = x->shape[3];
	struct upsample_op *a = tape_keep(t, sizeof *a);
	struct arena_mark m;
	float *work;

	check(x->rank == 4 && h > 0 && w > 0, "upsample", x, NULL, NULL);
	*a = (struct upsample_op){ t, x, add, tape_var(t, 4, N, h, w, C, var_needs_grad(x, add, NULL)),
	    tape_keep(t, sizeof *a->columns * (size_t)w) };
	check(!add || (add->rank == 4 && memcmp(add->shape, a->y->shape, sizeof add->shape) == 0), "upsample, sum", add,
	    a->y, NULL);
	bilinear_table(a->columns, W, w);
	if (add)
		memcpy(a->y->x, add->x, sizeof(float) * (size_t)var_count(add));
	m = arena_mark(&t->arena);
	work = tape_keep(t, sizeof *work * (size_t)W * (size_t)C);
	for (int n = 0; n < N; n++)
		for (int r = 0; r < h; r++)
			bilinear_row(bilinear_point(r, H, h), a->columns, w, x->x + (long)n * H * W * C, W, C, work,
			    add, a->y->x + ((long)n * h + r) * w * C);
	arena_release(&t->arena, m);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x, add));
	return a->y;
}
