/* conv - images, channels last: convolution of 3x3, depth to space, max pooling */
#include "base/mem.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* conv - y = b + 3x3 convolution of x, stride 1, zeros around the image

   x (N, H, W, C), w (O, 3, 3, C): row, column, channel, so that a row of w is laid out as an unfolded neighborhood;
   y (N, H, W, O). A piece of the pixels is unfolded (im2col) into rows of 9 C, which stay in the cache, and multiplied:
   y = u w'. Backward: dw += dy' u; du = dy w, folded (col2im) into dx; db = column sums of dy. */

enum {
	SIZE = 3,
	PIECE = 1 << 17,	/* floats of unfolded pixels: half of a second-level cache of 1 MiB */
	LEAST = 16		/* pixels of a piece: with fewer, overhead dominates the product */
};

struct conv_op {
	struct tape *t;
	struct var *x, *w, *b, *y;
};

static int
piece_size(int C, int pixels)
{
	int fit = PIECE / (SIZE * SIZE * C);

	fit = fit < LEAST ? LEAST : fit;
	return fit < pixels ? fit : pixels;
}

/* The part of a row of the neighborhood of column c that is inside the image: columns *from .. *to-1 of 0 .. SIZE. */
static void
inside(int c, int W, int *from, int *to)
{
	*from = c == 0 ? 1 : 0;
	*to = c == W - 1 ? SIZE - 1 : SIZE;
}

/* u (count, 9 C) from pixels first .. of one image x (H, W, C) */
static void
unfold(const float *x, int H, int W, int C, int first, int count, float *u)
{
	int i, k, from, to;

	for (i = first; i < first + count; i++)
		for (k = -1; k < SIZE - 1; k++, u += SIZE * C) {
			int r = i / W + k, c = i % W;

			inside(c, W, &from, &to);
			if (r < 0 || r >= H) {
				memset(u, 0, sizeof *u * (size_t)(SIZE * C));
				continue;
			}
			memset(u, 0, sizeof *u * (size_t)(from * C));
			memset(u + to * C, 0, sizeof *u * (size_t)((SIZE - to) * C));
			memcpy(u + from * C, x + ((long)r * W + c - 1 + from) * C,
			    sizeof *u * (size_t)((to - from) * C));
		}
}

/* dx += u, the inverse of unfold() */
static void
fold(const float *u, int H, int W, int C, int first, int count, float *dx)
{
	int i, k, from, to;

	for (i = first; i < first + count; i++)
		for (k = -1; k < SIZE - 1; k++, u += SIZE * C) {
			int r = i / W + k, c = i % W;

			inside(c, W, &from, &to);
			if (r >= 0 && r < H)
				kernel_axpy((long)(to - from) * C, 1, u + from * C,
				    dx + ((long)r * W + c - 1 + from) * C);
		}
}

static void
back_piece(const struct conv_op *a, int n, int first, int count, float beta, float *u)
{
	const int H = a->x->shape[1], W = a->x->shape[2], C = a->x->shape[3], O = a->y->shape[3], K = SIZE * SIZE * C;
	const long at = (long)n * H * W;
	const float *dy = a->y->dx + (at + first) * O;

	if (a->w->dx) {
		unfold(a->x->x + at * C, H, W, C, first, count, u);
		gemm(true, false, O, K, count, 1, dy, O, u, K, beta, a->w->dx, K);
	}
	if (a->x->dx) {
		gemm(false, false, count, K, O, 1, dy, O, a->w->x, K, 0, u, K);
		fold(u, H, W, C, first, count, a->x->dx + at * C);
	}
}

static void
conv_back(void *op)
{
	const struct conv_op *a = op;
	const int pixels = a->x->shape[1] * a->x->shape[2], C = a->x->shape[3], piece = piece_size(C, pixels);
	struct arena_mark m;
	float beta, *u;
	int n, first;

	if (a->b && a->b->dx) {
		var_zero(a->b);
		kernel_columns(var_rows(a->y), var_width(a->y), a->y->dx, a->b->dx);
	}
	if (a->x->dx)
		var_zero(a->x);
	beta = a->w->dx ? var_beta(a->w) : 0;
	/* memory of gradients that this op fills first outlives the op: take it before the mark */
	m = arena_mark(&a->t->arena);
	u = tape_array(a->t, mem_product((size_t)C, (size_t)piece), SIZE * SIZE * sizeof *u);
	for (n = 0; n < a->x->shape[0]; n++)
		for (first = 0; first < pixels; first += piece, beta = 1)
			back_piece(a, n, first, pixels - first < piece ? pixels - first : piece, beta, u);
	arena_release(&a->t->arena, m);
}

static void
forward(const struct conv_op *a, int piece, float *u)
{
	const int H = a->x->shape[1], W = a->x->shape[2], C = a->x->shape[3], O = a->y->shape[3], K = SIZE * SIZE * C,
	    pixels = H * W;
	int n, first;

	for (n = 0; n < a->x->shape[0]; n++)
		for (first = 0; first < pixels; first += piece) {
			const long at = (long)n * pixels;
			const int count = pixels - first < piece ? pixels - first : piece;

			unfold(a->x->x + at * C, H, W, C, first, count, u);
			gemm(false, true, count, O, K, 1, u, K, a->w->x, K, a->b ? 1 : 0, a->y->x + (at + first) * O,
			    O);
		}
}

struct var *
op_conv(struct tape *t, struct var *x, struct var *w, struct var *b)
{
	struct conv_op *a = tape_keep(t, sizeof *a);
	struct arena_mark m;
	int piece;

	var_check(x->rank == 4 && w->rank == 4 && w->shape[1] == SIZE && w->shape[2] == SIZE &&
	    w->shape[3] == x->shape[3] && (!b || var_count(b) == w->shape[0]), "conv", x, w, b);
	*a = (struct conv_op){ t, x, w, b, tape_like(t, x, w->shape[0], var_needs_grad(x, w, b)) };
	piece = piece_size(x->shape[3], x->shape[1] * x->shape[2]);
	if (b)
		kernel_fill_rows(var_rows(a->y), var_width(a->y), b->x, a->y->x);
	m = arena_mark(&t->arena);
	forward(a, piece, tape_array(t, mem_product((size_t)x->shape[3], (size_t)piece), SIZE * SIZE * sizeof(float)));
	arena_release(&t->arena, m);
	tape_push(t, conv_back, a, a->y, TAPE_INPUTS(x, w, b));
	return a->y;
}

/* shuffle - depth to space: y[n, 2 i + r, 2 j + s, c] = x[n, i, j, (2 r + s) C + c]

   x (N, H, W, 4 C), y (N, 2 H, 2 W, C). op_linear to 4 C channels before it is a transposed convolution of 2x2,
   stride 2. Backward is the inverse permutation. */

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
shuffle_back(void *op)
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

	var_check(in->rank == 4 && in->shape[3] == 4 * C, "shuffle", in, NULL, NULL);
	*a = (struct shuffle_op){ in, tape_var(t, 4, in->shape[0], 2 * in->shape[1], 2 * in->shape[2], C, in->dx) };
	for (n = 0, to = a->y->x; n < a->y->shape[0]; n++)
		for (y = 0; y < a->y->shape[1]; y++)
			for (x = 0; x < a->y->shape[2]; x++, to += C)
				memcpy(to, in->x + source(a, n, y, x), sizeof *to * (size_t)C);
	tape_push(t, shuffle_back, a, a->y, TAPE_INPUTS(in));
	return a->y;
}

/* pool - max pooling of 2x2, stride 2: x (N, H, W, C), y (N, ceil(H / 2), ceil(W / 2), C)

   At an odd edge the window is cut. Of equal values the first gets the gradient. */

struct pool_op {
	struct var *x, *y;
	int *from;	/* index into x of each element of y */
};

static void
pool_back(void *op)
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

	var_check(x->rank == 4 && var_count(x) <= 0x7fffffff, "pool", x, NULL, NULL);
	*a = (struct pool_op){ x, tape_var(t, 4, x->shape[0], (H + 1) / 2, (W + 1) / 2, C, x->dx), NULL };
	a->from = tape_array(t, (size_t)var_count(a->y), sizeof *a->from);
	for (n = 0; n < x->shape[0]; n++)
		for (r = 0; r < H; r += 2)
			for (c = 0; c < W; c += 2)
				for (k = 0; k < C; k++, i++) {
					a->from[i] = (int)largest(x->x, (((long)n * H + r) * W + c) * C + k,
					    (long)W * C, C, r + 1 < H ? 2 : 1, c + 1 < W ? 2 : 1);
					a->y->x[i] = x->x[a->from[i]];
				}
	tape_push(t, pool_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
