/* pool - max pooling of 2x2, stride 2: x (N, H, W, C), y (N, ceil(H / 2), ceil(W / 2), C)

   At an odd edge the window is cut. Of equal values the first gets the gradient. */
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stddef.h>

struct pool_op {
	struct var *x, *y;
	int *from;	/* index into x of each element of y */
};

static void
back(void *op)
{
	const struct pool_op *a = op;
	const long n = var_count(a->y);
	long i;

	var_zero(a->x);
	for (i = 0; i < n; i++)
		a->x->dx[a->from[i]] += a->y->dx[i];
}

/* index of the largest element of the window of h rows and w columns that begins at `at`; a NaN is larger than
   anything */
static long
largest(const float *x, long at, long row, long column, int h, int w)
{
	long best = at;
	int r, c;

	for (r = 0; r < h; r++)
		for (c = 0; c < w; c++) {
			const long i = at + r * row + c * column;

			if (x[i] > x[best] || isnan(x[i]))
				best = i;
		}
	return best;
}

struct var *
op_pool(struct tape *t, struct var *x)
{
	const int H = x->shape[1], W = x->shape[2], C = x->shape[3];
	struct pool_op *a = tape_keep(t, sizeof *a);
	int n, r, c, k;
	long i = 0;

	check(x->rank == 4 && var_count(x) <= 0x7fffffff, "pool", x, NULL, NULL);
	*a = (struct pool_op){ x, tape_var(t, 4, x->shape[0], (H + 1) / 2, (W + 1) / 2, C, x->dx), NULL };
	a->from = tape_keep(t, sizeof *a->from * (size_t)var_count(a->y));
	for (n = 0; n < x->shape[0]; n++)
		for (r = 0; r < H; r += 2)
			for (c = 0; c < W; c += 2)
				for (k = 0; k < C; k++, i++) {
					a->from[i] = (int)largest(x->x, (((long)n * H + r) * W + c) * C + k,
					    (long)W * C, C, r + 1 < H ? 2 : 1, c + 1 < W ? 2 : 1);
					a->y->x[i] = x->x[a->from[i]];
				}
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
