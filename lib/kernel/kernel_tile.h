/* kernel_tile - a matrix product by tiles that stay in registers; written once, compiled for each instruction set

   One form, c (m, n) = a b with vectors along n and single numbers of a. A sum runs over k in one order, whatever m and n: a row of c
   depends on its row of a alone, to the bit. */
#ifndef KERNEL_KERNEL_TILE_H
#define KERNEL_KERNEL_TILE_H

#include "kernel/kernel_vector.h"

enum {
	TILE = 6,	/* rows of c in registers: TILE * TILE_VECTORS sums, beside them a row of b */
	TILE_VECTORS = W == 16 ? 4 : 2
};

enum add {
	ADD_NOTHING,	/* c = a b */
	ADD_ALONG,	/* c += a b, the sum begins with c */
	ADD_AFTER	/* c += a b, the sum begins with 0: what c holds does not cost it precision */
};

/* c (m, n vectors) = (or +=) a b, m and n constants; a[i, k] is a[i * row + k * column] */
static inline __attribute__((always_inline)) void
tile(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, enum add add, float *c, long ldc)
{
	vf s[TILE][TILE_VECTORS];

	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
			s[i][j] = add == ADD_ALONG ? load(c + i * ldc + j * W) : all(0);
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
			store(c + i * ldc + j * W, add == ADD_AFTER ? load(c + i * ldc + j * W) + s[i][j] : s[i][j]);
}

/* all rows of n (a constant) vectors of c */
static inline __attribute__((always_inline)) void
strip(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, enum add add, float *c, long ldc)
{
	int i = 0;

	for (; i + TILE <= m; i += TILE)
		tile(TILE, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
	for (; i + 2 <= m; i += 2)
		tile(2, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
	if (i < m)
		tile(1, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
}

/* the same where n, less than TILE_VECTORS, is no constant */
static inline void
strip_of(int n, int m, int k, const float *a, long row, long column, const float *b, long ldb, enum add add, float *c, long ldc)
{
	switch (n) {
	case 3: strip(m, TILE_VECTORS - 1, k, a, row, column, b, ldb, add, c, ldc); break;
	case 2: strip(m, TILE_VECTORS / 2 < 2 ? 1 : 2, k, a, row, column, b, ldb, add, c, ldc); break;
	case 1: strip(m, 1, k, a, row, column, b, ldb, add, c, ldc); break;
	}
}

/* t (d, Kp) = x' of x (K, d), zeros from column K on; d and Kp whole vectors */
static void
transpose(int K, int d, const float *x, long ldx, float *t, int Kp)
{
	for (int i = 0; i < Kp; i += W)
		for (int c = 0; c < d; c += W) {
			vf v[W];

			for (int j = 0; j < W; j++)
				v[j] = i + j < K ? load(x + (i + j) * ldx + c) : all(0);
			for (int half = 1; half < W; half *= 2)
				for (int j = 0; j < W; j++)
					if (!(j & half))
						swap_parts(&v[j], &v[j + half], half);
			for (int j = 0; j < W; j++)
				store(t + (long)(c + j) * Kp + i, v[j]);
		}
}

#endif
