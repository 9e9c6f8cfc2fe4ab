/* segmap_crossentropy - scale * sum over pixels of -log softmax(u)_label, u = x resampled to the segmentation map

   x (N, H, W, C), labels (N, h, w). The forward pass computes u one row at a time, turns the row into its gradient
   p - t and adds that to g, the gradient of x. So memory is that of x, for any size of the map. Backward: dx = dy g. */
#include "base/mem.h"
#include "kernel/kernel.h"
#include "nn/bilinear.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct segmap_crossentropy_op {
	struct var *x, *y;
	float *g;	/* dloss/dx; NULL: not needed */
};

struct segmap_crossentropy_sums {
	double loss;
	long correct;	/* pixels */
};

static void
back(void *op)
{
	const struct segmap_crossentropy_op *a = op;

	var_seed(a->x, a->g, a->y->dx[0]);
}

/* turn a row u (w, C) of logits into scale (softmax(u) - t), zeros where the label is not below C */
static void
row(int w, int C, float *u, const uint8_t *label, float *margin, int *top, float scale,
	struct segmap_crossentropy_sums *sums)
{
	for (int i = 0; i < w; i++) {
		const float *at = u + (long)i * C;

		top[i] = 0;
		for (int c = 1; c < C; c++)
			if (at[c] > at[top[i]])
				top[i] = c;
		margin[i] = label[i] < C ? at[top[i]] - at[label[i]] : 0;
	}
	kernel_softmax(w, C, C, u, 1, NULL);
	for (int i = 0; i < w; i++) {
		float *p = u + (long)i * C;

		if (label[i] >= C) {
			memset(p, 0, sizeof *p * (size_t)C);
			continue;
		}
		/* the largest probability is at least 1 / C: its logarithm is finite */
		sums->loss += (double)margin[i] - log((double)p[top[i]]);
		sums->correct += top[i] == label[i];
		p[label[i]] -= 1;
	}
	kernel_scale((long)w * C, scale, u);
}

struct var *
op_segmap_crossentropy(struct tape *t, struct var *x, const uint8_t *labels, int h, int w, float scale, double *correct)
{
	const int N = x->shape[0], H = x->shape[1], W = x->shape[2], C = x->shape[3];
	const size_t count = (size_t)var_count(x);
	struct segmap_crossentropy_op *a = tape_keep(t, sizeof *a);
	struct segmap_crossentropy_sums sums = { 0 };
	struct bilinear *columns;
	struct arena_mark m;
	float *u, *margin, *work;
	int *top;

	check(x->rank == 4 && h > 0 && w > 0, "segmap crossentropy", x, NULL, NULL);
	*a = (struct segmap_crossentropy_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), NULL };
	if (x->dx)
		a->g = memset(tape_keep(t, sizeof *a->g * count), 0, sizeof *a->g * count);
	m = arena_mark(&t->arena);
	u = tape_keep(t, sizeof *u * (size_t)w * (size_t)C);
	work = tape_keep(t, sizeof *work * (size_t)W * (size_t)C);
	margin = tape_keep(t, sizeof *margin * (size_t)w);
	top = tape_keep(t, sizeof *top * (size_t)w);
	columns = tape_keep(t, sizeof *columns * (size_t)w);
	bilinear_table(columns, W, w);
	for (int n = 0; n < N; n++)
		for (int r = 0; r < h; r++) {
			const struct bilinear point = bilinear_point(r, H, h);
			const long at = (long)n * H * W * C;

			bilinear_row(point, columns, w, x->x + at, W, C, work, false, u);
			row(w, C, u, labels + ((long)n * h + r) * w, margin, top, scale, &sums);
			if (a->g)
				bilinear_row_back(point, columns, w, u, W, C, work, a->g + at);
		}
	arena_release(&t->arena, m);
	a->y->x[0] = (float)(sums.loss * (double)scale);
	if (correct)
		*correct = (double)sums.correct;
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
