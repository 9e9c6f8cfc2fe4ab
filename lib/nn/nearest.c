/* nearest - the most similar row of a bank, for contrast with nearest neighbors: Dwibedi et al., "With a little help
   from my friends: nearest-neighbor contrastive learning of visual representations", 2021, eq. 2

   y[r] = bank[argmax over q of <x[r], bank[q]> / |bank[q]|]; the first one if several are equal. No gradient. */
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct var *
op_nearest(struct tape *t, struct var *x, struct var *bank)
{
	const int R = var_rows(x), D = var_width(x), Q = var_rows(bank);
	struct var *y = tape_like(t, x, 0, false);
	float *inverse = tape_keep(t, (size_t)Q * sizeof *inverse);
	float *dot = tape_keep(t, (size_t)R * (size_t)Q * sizeof *dot);

	check(bank->rank == 2 && var_width(bank) == D, "nearest", x, bank, NULL);
	for (long q = 0; q < Q; q++) {
		double length = sqrt(kernel_square(D, bank->x + q * D));

		inverse[q] = length > 0 ? (float)(1 / length) : 0;
	}
	gemm(false, true, R, Q, D, 1, x->x, D, bank->x, D, 0, dot, Q);
	for (long r = 0; r < R; r++) {
		const float *row = dot + r * Q;
		long best = 0;

		for (long q = 1; q < Q; q++)
			if (row[q] * inverse[q] > row[best] * inverse[best])
				best = q;
		memcpy(y->x + r * D, bank->x + best * D, (size_t)D * sizeof *y->x);
	}
	return y;
}
