/* kernel_head - attention of one image and head that fits in the cache; compiled for each instruction set

   All products have the form of kernel_matmul.h: for q k' and dy v' the second factor is transposed first; p' and ds'
   are read by columns. A block of rows passes q k', softmax and p v before the next block starts. Rows of p have Kp
   numbers, K rounded up to whole vectors. p is kept for backward: recomputing it takes 50 % more time (measured). */
#ifndef KERNEL_KERNEL_HEAD_H
#define KERNEL_KERNEL_HEAD_H

#include "kernel/kernel.h"
#include "kernel/kernel_math.h"
#include "kernel/kernel_matmul.h"

#include <stddef.h>

enum { ROW_BLOCK = 4 * TILE };	/* rows of p at a time: 24 x 160 floats are half an L1 cache of 32 KiB */

static void
product(int m, int n, int k, const float *a, long row, long column, const float *b, long ldb, enum add add, float *c,
	long ldc)
{
	int vectors = n / W;

	for (; vectors >= TILE_VECTORS; vectors -= TILE_VECTORS, b += TILE_VECTORS * W, c += TILE_VECTORS * W)
		strip(m, TILE_VECTORS, k, a, row, column, b, ldb, add, c, ldc);
	strip_narrow(vectors, m, k, a, row, column, b, ldb, add, c, ldc);
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

		product(rows, Kp, h->d, h->q + l * h->ldq, h->ldq, 1, work, Kp, ADD_NOTHING, s, Kp);
		softmax(rows, h->K, Kp, s, scale, bias);
		product(rows, h->d, h->K, s, Kp, 1, h->v, h->ldv, ADD_NOTHING, h->y + l * h->ldy, h->ldy);
	}
}

static void
head_back(const struct kernel_head *h, float scale, const float *p, float *work)
{
	int Kp = padded(h->K);
	float *ds = work + (long)h->d * Kp;

	if (h->dv)
		product(h->K, h->d, h->L, p, 1, Kp, h->y, h->ldy, h->add[2] ? ADD_FIRST : ADD_NOTHING, h->dv, h->ldv);
	if (!h->dq && !h->dk)
		return;
	transpose(h->K, h->d, h->v, h->ldv, work, Kp);
	for (int l = 0; l < h->L; l += ROW_BLOCK) {
		int rows = h->L - l < ROW_BLOCK ? h->L - l : ROW_BLOCK;
		float *s = ds + (long)l * Kp;

		product(rows, Kp, h->d, h->y + l * h->ldy, h->ldy, 1, work, Kp, ADD_NOTHING, s, Kp);
		softmax_back(rows, h->K, Kp, p + (long)l * Kp, s, scale);
		if (h->dq)
			product(rows, h->d, h->K, s, Kp, 1, h->k, h->ldk, h->add[0] ? ADD_FIRST : ADD_NOTHING,
				h->dq + l * h->ldq, h->ldq);
	}
	if (h->dk)
		product(h->K, h->d, h->L, ds, 1, Kp, h->q, h->ldq, h->add[1] ? ADD_FIRST : ADD_NOTHING, h->dk, h->ldk);
}

#endif
