/* bilinear - resampling a map row by row, corner centers not aligned, and the op that enlarges maps */
#include "nn/bilinear.h"
#include "base/mem.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <string.h>

struct bilinear
bilinear_point(int i, int from, int to)
{
	const double s = (i + 0.5) * from / to - 0.5, at = s < 0 ? 0 : s;
	const int low = (int)at < from ? (int)at : from - 1;

	return (struct bilinear){ low, low + 1 < from ? low + 1 : low, (float)(at - low) };
}

void
bilinear_table(struct bilinear *table, int from, int to)
{
	int i;

	for (i = 0; i < to; i++)
		table[i] = bilinear_point(i, from, to);
}

void
bilinear_row(struct bilinear row, const struct bilinear *columns, int to, const float *x, int W, int C, float *work,
	bool add, float *y)
{
	const float *low = x + (long)row.low * W * C, *high = x + (long)row.high * W * C;
	int i, c;

	for (i = 0; i < W * C; i++)
		work[i] = (1 - row.f) * low[i] + row.f * high[i];
	for (i = 0; i < to; i++, y += C) {
		const float f = columns[i].f, *a = work + (long)columns[i].low * C,
		    *b = work + (long)columns[i].high * C;

		for (c = 0; c < C; c++)
			y[c] = (add ? y[c] : 0) + ((1 - f) * a[c] + f * b[c]);
	}
}

void
bilinear_row_back(struct bilinear row, const struct bilinear *columns, int to, const float *dy, int W, int C,
	float *work, float *dx)
{
	int i;

	memset(work, 0, sizeof *work * (size_t)W * (size_t)C);
	for (i = 0; i < to; i++, dy += C) {
		kernel_axpy(C, 1 - columns[i].f, dy, work + (long)columns[i].low * C);
		kernel_axpy(C, columns[i].f, dy, work + (long)columns[i].high * C);
	}
	kernel_axpy((long)W * C, 1 - row.f, work, dx + (long)row.low * W * C);
	kernel_axpy((long)W * C, row.f, work, dx + (long)row.high * W * C);
}

/* upsample - y = add + x resampled bilinearly to h rows and w columns (sampling points: bilinear.h)

   x (N, H, W, C), add and y (N, h, w, C). Backward: each element of dy is added to its four sources in dx, by their
   weights; dadd = dy. */

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
		work = tape_array(a->t, mem_product((size_t)W, (size_t)C), sizeof *work);
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

	var_check(x->rank == 4 && h > 0 && w > 0, "upsample", x, NULL, NULL);
	*a = (struct upsample_op){ t, x, add, tape_var(t, 4, N, h, w, C, var_needs_grad(x, add, NULL)),
	    tape_array(t, (size_t)w, sizeof *a->columns) };
	var_check(!add || (add->rank == 4 && memcmp(add->shape, a->y->shape, sizeof add->shape) == 0), "upsample, sum",
	    add, a->y, NULL);
	bilinear_table(a->columns, W, w);
	if (add)
		memcpy(a->y->x, add->x, sizeof(float) * (size_t)var_count(add));
	m = arena_mark(&t->arena);
	work = tape_array(t, mem_product((size_t)W, (size_t)C), sizeof *work);
	for (int n = 0; n < N; n++)
		for (int r = 0; r < h; r++)
			bilinear_row(bilinear_point(r, H, h), a->columns, w, x->x + (long)n * H * W * C, W, C, work,
			    add, a->y->x + ((long)n * h + r) * w * C);
	arena_release(&t->arena, m);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x, add));
	return a->y;
}
