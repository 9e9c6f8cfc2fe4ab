/* kernel_norm - layer norm of rows, forward and backward; compiled for each instruction set */
#ifndef KERNEL_KERNEL_NORM_H
#define KERNEL_KERNEL_NORM_H

#include "kernel/kernel_vector.h"

#include <math.h>
#include <stddef.h>

enum { NORM_BLOCK = 4 };	/* rows for which dgamma and dbeta are read and written once */

static void
norm(int rows, int D, const float *x, const float *gamma, const float *beta, float eps, float *y, float *stat)
{
	for (int r = 0; r < rows; r++, x += D, y += D, stat += 2) {
		vf s = all(0), q = all(0);
		float mean, variance, rstd;

		for (int i = 0; i < D; i += W)
			s += load_n(x + i, D - i, 0);
		mean = sum_of(s) / (float)D;
		for (int i = 0; i < D; i += W) {
			vf c = load_n(x + i, D - i, mean) - mean;

			q = fma_(c, c, q);
		}
		variance = sum_of(q) / (float)D + eps;
		/* NaN where it overflowed: 1 / infinity would turn numbers that are too large into zeros */
		rstd = variance == INFINITY ? NAN : 1 / sqrtf(variance);
		for (int i = 0; i < D; i += W) {
			vf h = (load_n(x + i, D - i, 0) - mean) * rstd;

			store_n(y + i, D - i, fma_(h, load_n(gamma + i, D - i, 0), load_n(beta + i, D - i, 0)));
		}
		stat[0] = mean;
		stat[1] = rstd;
	}
}

/* the means of g and of g * h over a row, g = dy * gamma, h = (x - mean) * rstd */
static inline void
norm_means(int D, const float *x, const float *gamma, const float *stat, const float *dy, float mean[2])
{
	vf s = all(0), q = all(0);

	for (int i = 0; i < D; i += W) {
		vf g = load_n(dy + i, D - i, 0) * load_n(gamma + i, D - i, 0);

		s += g;
		q = fma_(g, (load_n(x + i, D - i, 0) - stat[0]) * stat[1], q);
	}
	mean[0] = sum_of(s) / (float)D;
	mean[1] = sum_of(q) / (float)D;
}

static inline __attribute__((always_inline)) void
norm_back_block(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy, float *dx,
	int add, float *dgamma, float *dbeta)
{
	float mean[NORM_BLOCK][2];

	for (long r = 0; r < rows; r++)
		norm_means(D, x + r * D, gamma, stat + 2 * r, dy + r * D, mean[r]);
	for (int i = 0; i < D; i += W) {
		vf dg = all(0), db = all(0), w = load_n(gamma + i, D - i, 0);

		for (long r = 0; r < rows; r++) {
			vf h = (load_n(x + r * D + i, D - i, 0) - stat[2 * r]) * stat[2 * r + 1],
				g = load_n(dy + r * D + i, D - i, 0);
			vf d = (fma_(g, w, all(-mean[r][0])) - h * mean[r][1]) * stat[2 * r + 1];

			if (dx)
				store_n(dx + r * D + i, D - i, add ? d + load_n(dx + r * D + i, D - i, 0) : d);
			dg = fma_(g, h, dg);
			db += g;
		}
		if (dgamma)
			store_n(dgamma + i, D - i, load_n(dgamma + i, D - i, 0) + dg);
		if (dbeta)
			store_n(dbeta + i, D - i, load_n(dbeta + i, D - i, 0) + db);
	}
}

static void
norm_back(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy, float *dx,
	int add, float *dgamma, float *dbeta)
{
	int r = 0;

	for (; r + NORM_BLOCK <= rows; r += NORM_BLOCK)
		norm_back_block(NORM_BLOCK, D, x + (long)r * D, gamma, stat + 2 * r, dy + (long)r * D,
			dx ? dx + (long)r * D : NULL, add, dgamma, dbeta);
	for (; r < rows; r++)
		norm_back_block(1, D, x + (long)r * D, gamma, stat + 2 * r, dy + (long)r * D,
			dx ? dx + (long)r * D : NULL, add, dgamma, dbeta);
}

#endif
