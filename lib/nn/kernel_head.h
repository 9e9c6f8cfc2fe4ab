/* kernel_head - attention of one image and head, small enough to stay in the cache; written once, compiled for
   each instruction set

   All products have one form, c (m, n) = a b with vectors along n and single numbers of a: for q k' and dy v'
   the second factor is transposed first, p' and ds' are read down their columns. A block of rows goes
   through q k', softmax and p v before the next begins. Rows of p have Kp numbers, K rounded up to vectors;
   p is kept for backward: computing it again was measured to take half as much time again. */
#ifndef NN_KERNEL_HEAD_H
#define NN_KERNEL_HEAD_H

#include "nn/kernel.h"
#include "nn/kernel_math.h"

enum {
	TILE = 6,	/* rows of c in registers: TILE * TILE_VECTORS sums, beside them a row of b */
	TILE_VECTORS = W == 16 ? 4 : 2,
	ROW_BLOCK = 4 * TILE	/* rows of p worked on at once: 24 x 160 floats are half an L1 cache of 32 KiB */
};

/* c (m, n vectors) = (or +=) a b, m and n constants; a[i, k] is a[i * row + k * column] */
static inline __attribute__((always_inline)) void
tile(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, int add, float *c, long ldc)
{
	vf s[TILE][TILE_VECTORS];

	for (int i = 0; i < m; i++)
		for (int j = 0; j < n; j++)
			s[i][j] = add ? load(c + i * ldc + j * W) : all(0);
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
			store(c + i * ldc + j * W, s[i][j]);
}

/* all rows of n (a constant) vectors of c */
static inline __attribute__((always_inline)) void
strip(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, int add, float *c, long ldc)
{
	int i = 0;

	for (; i + TILE <= m; i += TILE)
		tile(TILE, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
	for (; i + 2 <= m; i += 2)
		tile(2, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
	if (i < m)
		tile(1, n, k, a + i * row, row, column, b, ldb, add, c + i * ldc, ldc);
}

static void
product(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, int add, float *c, long ldc)
{
	int vectors = n / W;

	for (; vectors >= TILE_VECTORS; vectors -= TILE_VECTORS, b += TILE_VECTORS * W, c += TILE_VECTORS * W)
		strip(m, TILE_VECTORS, k, a, row, column, b, ldb, add, c, ldc);
	switch (vectors) {
	case 3: strip(m, TILE_VECTORS - 1, k, a, row, column, b, ldb, add, c, ldc); break;
	case 2: strip(m, TILE_VECTORS / 2 < 2 ? 1 : 2, k, a, row, column, b, ldb, add, c, ldc); break;
	case 1: strip(m, 1, k, a, row, column, b, ldb, add, c, ldc); break;
	}
}

/* t (d, Kp) = x' of x (K, d), zeros from column K on */
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

static int
padded(int K)
{
	return (K + W - 1) / W * W;
}

static void
head(const struct kernel_head *h, float scale, const float *bias, float *p, float *work)
{
	int Kp = padded(h->K);

	transpose(h->K, h->d, h->k, h->ldk, work, Kp);
	for (int l = 0; l < h->L; l += ROW_BLOCK) {
		int rows = h->L - l < ROW_BLOCK ? h->L - l : ROW_BLOCK;
		float *s = p + (long)l * Kp;

		product(rows, Kp, h->d, h->q + l * h->ldq, h->ldq, 1, work, Kp, 0, s, Kp);
		softmax(rows, h->K, Kp, s, scale, bias);
		product(rows, h->d, h->K, s, Kp, 1, h->v, h->ldv, 0, h->y + l * h->ldy, h->ldy);
	}
}

static void
head_back(const struct kernel_head *h, float scale, const float *p, float *work)
{
	int Kp = padded(h->K);
	float *ds = work + (long)h->d * Kp;

	if (h->dv)
		product(h->K, h->d, h->L, p, 1, Kp, h->y, h->ldy, h->add[2], h->dv, h->ldv);
	if (!h->dq && !h->dk)
		return;
	transpose(h->K, h->d, h->v, h->ldv, work, Kp);
	for (int l = 0; l < h->L; l += ROW_BLOCK) {
		int rows = h->L - l < ROW_BLOCK ? h->L - l : ROW_BLOCK;
		float *s = ds + (long)l * Kp;

		product(rows, Kp, h->d, h->y + l * h->ldy, h->ldy, 1, work, Kp, 0, s, Kp);
		softmax_back(rows, h->K, Kp, p + (long)l * Kp, s, scale);
		if (h->dq)
			product(rows, h->d, h->K, s, Kp, 1, h->k, h->ldk, h->add[0], h->dq + l * h->ldq, h->ldq);
	}
	if (h->dk)
		product(h->K, h->d, h->L, ds, 1, Kp, h->q, h->ldq, h->add[1], h->dk, h->ldk);
}

#endif
