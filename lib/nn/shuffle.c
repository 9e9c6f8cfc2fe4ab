/* shuffle - depth to space: y[n, 2 i + r, 2 j + s, c] = x[n, i, j, (2 r + s) C + c]

   x (N, H, W, 4 C), y (N, 2 H, 2 W, C). op_linear to 4 C channels before it is a transposed convolution of 2x2,
   stride 2. Backward is the inverse permutation. */
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <string.h>

struct shuffle_op {
	struct var *x, *y;
};

/* offset in the input of the C channels of row y, column x of the result */
static long
source(const struct shuffle_op *a, int n, int y, int x)
{
	const int H = a->x->shape[1], W = a->x->shape[2], C = a->y->shape[3];

	return ((((long)n * H + y / 2) * W + x / 2) * 4 + y % 2 * 2 + x % 2) * C;
}

static void
back(void *op)
{
	const struct shuffle_op *a = op;
	const int C = a->y->shape[3];
	const float *dy = a->y->dx;
	int n, y, x;

	var_zero(a->x);
	for (n = 0; n < a->y->shape[0]; n++)
		for (y = 0; y < a->y->shape[1]; y++)
			for (x = 0; x < a->y->shape[2]; x++, dy += C)
				kernel_axpy(C, 1, dy, a->x->dx + source(a, n, y, x));
}

struct var *
op_shuffle(struct tape *t, struct var *in)
{
	const int C = var_width(in) / 4;
	struct shuffle_op *a = tape_keep(t, sizeof *a);
	float *to;
	int n, y, x;

	check(in->rank == 4 && in->shape[3] == 4 * C, "shuffle", in, NULL, NULL);
	*a = (struct shuffle_op){ in, tape_var(t, 4, in->shape[0], 2 * in->shape[1], 2 * in->shape[2], C, in->dx) };
	for (n = 0, to = a->y->x; n < a->y->shape[0]; n++)
		for (y = 0; y < a->y->shape[1]; y++)
			for (x = 0; x < a->y->shape[2]; x++, to += C)
				memcpy(to, in->x + source(a, n, y, x), sizeof *to * (size_t)C);
	tape_push(t, back, a, a->y, TAPE_INPUTS(in));
	return a->y;
}
