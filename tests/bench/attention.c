/* attention - speed of op_attention, forward and backward, with the heads of the models, in one thread

   GFLOP/s count only the matrix products (2 and 4 of 2 L K d per head); the time includes softmax and its gradient. */
#define _POSIX_C_SOURCE 200809L
#include "base/mem.h"
#include "gemm_peak.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; int D, H, N, L, K; } shapes[] = {
	{ "micro, teacher", 96, 3, 22, 18, 18 },
	{ "micro, student", 96, 3, 8, 50, 50 },
	{ "micro, decoder to memory", 96, 3, 8, 49, 17 },
	{ "tiny, student", 192, 3, 8, 50, 50 },
	{ "small, student", 384, 6, 3, 149, 149 },
	{ "base, all tokens", 768, 12, 2, 197, 197 },
};

int
main(void)
{
	printf("%s, kernels %s, FMA peak of a core %.1f GFLOP/s\n", gemm_version(), kernel_isa(), peak());
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		int N = shapes[i].N, L = shapes[i].L, K = shapes[i].K, D = shapes[i].D, most = L > K ? L : K;
		struct tape t = { 0 };
		double best[2] = { 1e30, 1e30 }, flops[2] = { 0 };
		long n = (long)N * most * 3 * D;
		float *room = mem_array((size_t)n, sizeof *room), *seed = mem_array((size_t)n, sizeof *seed);

		for (long j = 0; j < n; j++)
			room[j] = seed[j] = (float)((double)(j * 7919 % 1009) / 504.5 - 1);
		for (int repeat = 0; repeat < 400; repeat++) {
			struct var *q, *kv, *y;
			double start;

			tape_reset(&t, true, NULL, NULL);
			q = tape_var(&t, 3, N, L, D, 0, true);
			kv = tape_var(&t, 3, N, K, 2 * D, 0, true);
			memcpy(q->x, room, (size_t)var_count(q) * sizeof *room);
			memcpy(kv->x, room, (size_t)var_count(kv) * sizeof *room);
			gemm_flops();
			start = seconds();
			y = op_attention(&t, (struct part){ q, 0 }, (struct part){ kv, 0 }, (struct part){ kv, D }, D,
				shapes[i].H, NULL, 0, NULL);
			best[0] = seconds() - start < best[0] ? seconds() - start : best[0];
			flops[0] = gemm_flops();
			var_seed(y, seed, 1);
			start = seconds();
			tape_backward(&t);
			best[1] = seconds() - start < best[1] ? seconds() - start : best[1];
			flops[1] = gemm_flops();
		}
		printf("%-24s D %d, H %d, %d x %d to %d: forward %.0f GFLOP/s, backward %.0f\n", shapes[i].name, D,
			shapes[i].H, N, L, K, flops[0] / best[0] * 1e-9, flops[1] / best[1] * 1e-9);
		tape_free(&t);
		free(room);
		free(seed);
	}
	return 0;
}
