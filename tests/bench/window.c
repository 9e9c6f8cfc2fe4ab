/* window - speed of windowed attention on large images, one thread: global attention against windows of 10 and 20

   Images of 30x40 and 60x80 patches (1200 and 4800 tokens); forward as in tscae-detect, and forward with backward as in
   training (if the memory suffices). The best of REPEATS; run it on an idle machine. */
#define _POSIX_C_SOURCE 200809L
#include "base/mem.h"
#include "gemm_peak.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPEATS = 3 };

static const struct { const char *name; int model, rows, columns; int train; } cases[] = {
	{ "micro", SIZE_MICRO, 30, 40, true }, { "micro", SIZE_MICRO, 60, 80, true },
	{ "tiny", SIZE_TINY, 30, 40, true }, { "tiny", SIZE_TINY, 60, 80, false },
	{ "base", SIZE_BASE, 30, 40, false }, { "base", SIZE_BASE, 60, 80, false }
};

static double
time_of(int model, int rows, int columns, long window, bool train)
{
	struct config c = config_default();
	struct params params = { 0 };
	struct encoder e;
	struct pos_embed position;
	struct tape t = { 0 };
	double best = 1e30;
	uint8_t *image;
	float *grads;
	int i;

	c.model = model;
	c.window_size = window;
	if (config_complete(&c) < 0)
		abort();
	encoder_open(&e, &c, &params);
	params_build(&params);
	params_init(&params, 1);
	grads = params_block(&params);
	pos_embed_open(&position, rows, columns, e.D);
	image = mem_new((size_t)(3 * rows * columns * e.p * e.p));
	for (i = 0; i < 3 * rows * columns * e.p * e.p; i++)
		image[i] = (uint8_t)(i * 7919L % 251);
	for (i = 0; i < REPEATS; i++) {
		double start = seconds();
		struct var *x;

		tape_reset(&t, train, &params, train ? grads : NULL);
		if (train) {
			x = encoder_train(&e, &t, &position, image, 1, rows * e.p, columns * e.p, NULL);
			var_seed(x, NULL, 1);
			tape_backward(&t);
		} else
			encoder_features(&e, &t, &position, image, 1, rows * e.p, columns * e.p, e.depth, NULL);
		best = seconds() - start < best ? seconds() - start : best;
	}
	free(image);
	pos_embed_close(&position);
	params_block_free(grads);
	params_free(&params);
	encoder_close(&e);
	tape_free(&t);
	return best;
}

int
main(void)
{
	static const long windows[] = { 0, 10, 20 };
	size_t i, k;
	int train;

	printf("%s, kernels %s, FMA peak of a core %.1f GFLOP/s; seconds, and speedup over global attention\n",
		gemm_version(), kernel_isa(), peak());
	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		for (train = 0; train <= cases[i].train; train++) {
			double first = 0;

			printf("%-6s %4d tokens, %-21s", cases[i].name, cases[i].rows * cases[i].columns,
				train ? "forward and backward:" : "forward:");
			for (k = 0; k < sizeof windows / sizeof *windows; k++) {
				double s = time_of(cases[i].model, cases[i].rows, cases[i].columns, windows[k], train);

				first = k == 0 ? s : first;
				printf("  window %ld %.3f (%.2f)", windows[k], s, first / s);
			}
			putchar('\n');
			fflush(stdout);
		}
	return 0;
}
