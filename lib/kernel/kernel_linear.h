/* kernel_linear - y += x w' with w laid out beforehand; written once, compiled for each instruction set

   For inference, where w does not change: a BLAS lays w out anew in every call, which for the few rows of one image costs up to a
   third of the product. w (O, I) becomes panels of TILE_VECTORS vectors of its rows, the last one narrower; a panel has I lines, each
   one number of each of its rows. */
#ifndef KERNEL_KERNEL_LINEAR_H
#define KERNEL_KERNEL_LINEAR_H

#include "kernel/kernel_tile.h"

enum { DEPTH = 384 };	/* of I at a time: a panel of 384 x 64 floats and 200 rows of x stay in 512 KiB */

/* vectors of the panel that begins with row o of O */
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
				strip(R, TILE_VECTORS, depth, x + k, I, 1, panel, n, ADD_AFTER, y + o, O);
			else
				strip_of(v, R, depth, x + k, I, 1, panel, n, ADD_AFTER, y + o, O);
			o += n;
		}
	}
}

#endif
