/* kernel_matmul - matrix products by register tiles, and the product with packed weights; compiled for each
   instruction set

   One form, c (m, n) = a b, vectors along n, scalars of a. The sum over k has one order for all m and n, so a row of
   c depends on its row of a alone, to the bit.

   Packed weights are for inference, where w does not change: BLAS packs w in every call, which takes up to a third of
   the product for the few rows of one image. w (O, I) becomes panels of TILE_VECTORS vectors of its rows, the last
   one narrower; a panel has I lines, each with one number of each of its rows. */
#ifndef KERNEL_KERNEL_MATMUL_H
#define KERNEL_KERNEL_MATMUL_H

#include "kernel/kernel_vector.h"

enum {
	TILE = 6,	/* rows of c in registers: TILE * TILE_VECTORS sums and a row of b */
	TILE_VECTORS = W == 16 ? 4 : 2
};

enum add {
	ADD_NOTHING,	/* c = a b */
	ADD_FIRST,	/* c += a b, the sum starts with c */
	ADD_LAST	/* c += a b, the sum starts with 0 and c is added last, which is more precise */
};

/* c (m, n vectors) = (or +=) a b; m and n are constants; a[i, k] is a[i * row + k * column] */
static inline __attribute__((always_inline)) void
tile(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, enum add add, float *c,
	long ldc)
{
	vf s[TILE][TILE_VECTORS];

	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
			s[i][j] = add == ADD_FIRST ? load(c + i * ldc + j * W) : all(0);
	for (int l = 0; l < k; l++, b += ldb, a += column) {
		vf v[TILE_VECTORS];

		for (int j = 0; j < n; j++)
			v[j] = load(b + j * W);
		for (int i = 0; i < m; i++) {
			vf x = all(a[i * row]);

			for (int j = 0; j < n; j++)
				s[i][j] = fma_(x, v[j], s[i][j]);
		}
	}
	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
			store(c + i * ldc + j * W, add == ADD_LAST ? load(c + i * ldc + j * W) + s[i][j] : s[i][j]);
}

/* all m rows of c, n (a constant) vectors wide */
static inline __attribute__((always_inline)) void
strip(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, enum add add, float *c,
	long ldc)
{
	int i = 0;

	for (; i + TILE <= m; i += TILE)
		tile(TILE, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
	a += i * row;
	c += i * ldc;
	_Static_assert(TILE == 6, "a case for each number of rows below TILE");
	switch (m - i) {
	case 5: tile(5, n, k, a, row, column, b, ldb, add, c, ldc); break;
	case 4: tile(4, n, k, a, row, column, b, ldb, add, c, ldc); break;
	case 3: tile(3, n, k, a, row, column, b, ldb, add, c, ldc); break;
	case 2: tile(2, n, k, a, row, column, b, ldb, add, c, ldc); break;
	case 1: tile(1, n, k, a, row, column, b, ldb, add, c, ldc); break;
	}
}

/* strip() for n < TILE_VECTORS that is not a constant */
static inline void
strip_narrow(int n, int m, int k, const float *a, long row, long column, const float *b, long ldb, enum add add,
	float *c, long ldc)
{
	switch (n) {
	case 3: strip(m, TILE_VECTORS - 1, k, a, row, column, b, ldb, add, c, ldc); break;
	case 2: strip(m, TILE_VECTORS / 2 < 2 ? 1 : 2, k, a, row, column, b, ldb, add, c, ldc); break;
	case 1: strip(m, 1, k, a, row, column, b, ldb, add, c, ldc); break;
	}
}

/* one step of the transposition of W vectors; `half` is a constant */
static inline __attribute__((always_inline)) void
swap_rows(vf v[W], int half)
{
	for (int i = 0; i < W; i += 2 * half)
		for (int j = i; j < i + half; j++)
			swap_parts(&v[j], &v[j + half], half);
}

/* t (d, Kp) = x' of x (K, d), zeros from column K on; d and Kp are multiples of W */
static void
transpose(int K, int d, const float *x, long ldx, float *t, int Kp)
{
	for (int i = 0; i < Kp; i += W)
		for (int c = 0; c < d; c += W) {
			vf v[W];

			for (int j = 0; j < W; j++)
				v[j] = i + j < K ? load(x + (i + j) * ldx + c) : all(0);
			swap_rows(v, 1);
			swap_rows(v, 2);
			if (W > 4)
				swap_rows(v, W > 4 ? 4 : 1);
			if (W > 8)
				swap_rows(v, W > 8 ? 8 : 1);
			for (int j = 0; j < W; j++)
				store(t + (long)(c + j) * Kp + i, v[j]);
		}
}

enum { DEPTH = 384 };	/* columns of I at a time: a panel of 384 x 64 floats and 200 rows of x fit in 512 KiB */

/* number of vectors of the panel that starts at row o of O */
static int
panel_vectors(int O, int o)
{
	return (O - o) / W < TILE_VECTORS ? (O - o) / W : TILE_VECTORS;
}

static void
pack(int O, int I, const float *w, float *to)
{
	for (int o = 0; o < O;) {
		const int n = panel_vectors(O, o) * W;

		if (I % W == 0)
			transpose(n, I, w + (long)o * I, I, to, n);
		for (int i = 0; i < I && I % W; i++)
			for (int j = 0; j < n; j++)
				to[i * n + j] = w[(long)(o + j) * I + i];
		o += n;
		to += (long)I * n;
	}
}

static void
linear(int R, int O, int I, const float *x, const float *w, float *y)
{
	for (int k = 0; k < I; k += DEPTH) {
		const int depth = I - k < DEPTH ? I - k : DEPTH;

		for (int o = 0; o < O;) {
			const int v = panel_vectors(O, o), n = v * W;
			const float *panel = w + (long)o * I + (long)k * n;

			if (v == TILE_VECTORS)
				strip(R, TILE_VECTORS, depth, x + k, I, 1, panel, n, ADD_LAST, y + o, O);
			else
				strip_narrow(v, R, depth, x + k, I, 1, panel, n, ADD_LAST, y + o, O);
			o += n;
		}
	}
}

#endif
