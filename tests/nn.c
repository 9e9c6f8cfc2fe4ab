/* nn - results of the ops: accuracy, extreme values and identities (grad.c tests their gradients)

   Folding (formats/method.md): K equal tokens are one token whose logit as a key gets + ln K. */
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/parallel.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *const sets[] = { "baseline", "avx2", "avx512" };

static void
test_gelu(const char *isa)
{
	enum { POINTS = 40001 };
	float *z = mem_new(POINTS * sizeof *z), *y = mem_new(POINTS * sizeof *y), *d = mem_new(POINTS * sizeof *d);
	double worst = 0, worst_slope = 0;

	for (int i = 0; i < POINTS; i++)
		z[i] = (float)(i - POINTS / 2) * 1e-3f;
	kernel_gelu(POINTS, z, y, d);
	for (int i = 0; i < POINTS; i++) {
		double x = z[i], phi = 0.5 * erfc(-x * M_SQRT1_2);

		worst = fmax(worst, fabs(y[i] - x * phi) / fmax(1, fabs(x)));
		worst_slope = fmax(worst_slope, fabs(d[i] - phi - x * exp(-x * x / 2) / sqrt(2 * M_PI)));
	}
	ok(worst < 2e-7, "%s: GELU is the erf form on -20 .. 20 (%.1e)", isa, worst);
	ok(worst_slope < 4e-7, "%s: the derivative of GELU is exact on -20 .. 20 (%.1e)", isa, worst_slope);
	kernel_gelu(3, (float[]){ NAN, INFINITY, 0 }, y, d);
	ok(isnan(y[0]) && isnan(d[0]) && isinf(y[1]) && y[2] == 0 && d[2] == 0.5f, "%s: GELU of NaN, infinity, 0", isa);
	free(z);
	free(y);
	free(d);
}

/* lengths around multiples of the vector width, with and without bias, against double */
static void
test_softmax(const char *isa)
{
	double worst = 0;
	float s[200], bias[200];

	for (int K = 1; K < 200; K++) {
		double sum = 0, top = -1e30, x[200];

		for (int i = 0; i < K; i++) {
			s[i] = (float)((i * 37 % 41) - 20) * 3;
			bias[i] = (float)(i % 5);
			x[i] = 0.5 * s[i] + bias[i];
			top = fmax(top, x[i]);
		}
		for (int i = 0; i < K; i++)
			sum += exp(x[i] - top);
		kernel_softmax(1, K, K, s, 0.5f, bias);
		for (int i = 0; i < K; i++)
			worst = fmax(worst, fabs(s[i] - exp(x[i] - top) / sum));
	}
	ok(worst < 3e-7, "%s: softmax of 1 .. 199 numbers (%.1e)", isa, worst);
	kernel_softmax(1, 3, 3, memcpy(s, (float[]){ 3e38f, -3e38f, 3e38f }, 3 * sizeof *s), 1, NULL);
	ok(s[0] == 0.5f && s[1] == 0 && s[2] == 0.5f, "%s: softmax of the largest numbers", isa);
	kernel_softmax(1, 3, 3, memcpy(s, (float[]){ 1, 2, 1 }, 3 * sizeof *s), 1, (float[]){ 0, -INFINITY, 0 });
	ok(s[0] == 0.5f && s[1] == 0 && s[2] == 0.5f, "%s: softmax: a bias of -infinity masks a key", isa);
	kernel_softmax(1, 20, 20, memset(s, 0, sizeof s), 1, memcpy(bias, (float[]){ NAN }, sizeof(float)));
	ok(isnan(s[0]) && isnan(s[19]), "%s: softmax: one NaN makes its row NaN", isa);
}

static void
test_sums(const char *isa)
{
	float x[1000], y[1000], z[1000];
	double sum = 0, square = 0;

	for (int i = 0; i < 1000; i++) {
		x[i] = (float)(i * 37 % 101) - 50;
		y[i] = (float)i;
		sum += (double)x[i];
		square += (double)x[i] * (double)x[i];
	}
	ok(kernel_sum(999, x) == sum - (double)x[999] && kernel_square(1000, x) == square,
		"%s: sums of whole numbers are exact", isa);
	memcpy(z, y, sizeof z);
	kernel_axpy(997, 2, x, z);
	kernel_scale(997, 0.5f, y);
	ok(z[996] == 996 + 2 * x[996] && z[997] == 997 && y[996] == 498 && y[997] == 997,
		"%s: axpy and scale write no element past the end", isa);
}

static void
test_gemm(void)
{
	float a[6] = { 1, 2, 3, 4, 5, 6 }, b[6] = { 1, 0, 2, 0, 1, 1 }, c[4] = { NAN, NAN, INFINITY, NAN };

	gemm_flops();
	gemm(false, true, 2, 2, 3, 1, a, 3, b, 3, 0, c, 2);
	ok(c[0] == 7 && c[1] == 5 && c[2] == 16 && c[3] == 11, "gemm: beta 0 does not read the old values of c");
	ok(gemm_flops() == 24 && gemm_flops() == 0, "gemm: floating-point operations are counted once");
	gemm(true, false, 2, 2, 2, 1, a, 2, b, 2, 1, c, 2);
	ok(c[0] == 14 && c[1] == 5 && c[2] == 26 && c[3] == 11, "gemm: a transposed product is added with beta 1");
	ok(strncmp(gemm_version(), "OpenBLAS ", 9) == 0, "%s", gemm_version());
}

/* softmax attention over rows 0 .. V (class, mask x K, others) equals that over (class, mask, others) with ln K */
static void
test_folding(void)
{
	enum { N = 2, K = 12, OTHERS = 5, FULL = 1 + K + OTHERS, FOLDED = 2 + OTHERS, D = 12 };
	static float full[N * FULL * 3 * D], folded[N * FOLDED * 3 * D];
	float bias[FOLDED] = { 0, logf(K) };
	struct tape t = { 0 };
	struct var *x, *y, *z, *q;
	double worst = 0;

	for (int n = 0; n < N; n++)
		for (int l = 0; l < FOLDED; l++)
			for (int c = 0; c < 3 * D; c++) {
				float v = sinf((float)(1 + n * 1000 + l * 50 + c * c));

				folded[(n * FOLDED + l) * 3 * D + c] = v;
				for (int i = 0; i < (l == 1 ? K : 1); i++)
					full[(n * FULL + (l <= 1 ? l : l + K - 1) + i) * 3 * D + c] = v;
			}
	tape_reset(&t, false, NULL, NULL);
	x = tape_wrap(&t, full, NULL, 3, N, FULL, 3 * D, 0);
	q = tape_wrap(&t, folded, NULL, 3, N, FOLDED, 3 * D, 0);
	y = op_attention(
		&t, (struct part){ x, 0 }, (struct part){ x, D }, (struct part){ x, 2 * D }, D, 2, NULL, 0, NULL);
	z = op_attention(
		&t, (struct part){ q, 0 }, (struct part){ q, D }, (struct part){ q, 2 * D }, D, 2, bias, 0, NULL);
	for (int n = 0; n < N; n++)
		for (int l = 0; l < FULL; l++)
			for (int c = 0; c < D; c++) {
				int at = l == 0 ? 0 : l <= K ? 1 : l - K + 1;

				worst = fmax(worst,
					fabs((double)(y->x[(n * FULL + l) * D + c] - z->x[(n * FOLDED + at) * D + c])));
			}
	ok(worst < 1e-6, "%d equal tokens are one token with + ln %d (%.1e)", K, K, worst);
	tape_free(&t);
}

/* a second equal step allocates no memory, and gradients of results reuse each other's memory */
static void
test_memory(void)
{
	struct tape t = { 0 };
	size_t held[3];

	for (int i = 0; i < 3; i++) {
		struct var *y;

		tape_reset(&t, true, NULL, NULL);
		y = tape_var(&t, 2, 64, 32, 0, 0, true);
		memset(y->x, 0, 64 * 32 * sizeof(float));
		for (int k = 0; k < 20; k++)
			y = op_relu(&t, y);
		var_seed(y, NULL, 1);
		held[i] = t.arena.used;
		tape_backward(&t);
		ok(t.arena.used == held[i], "round %d: backward through 20 results reuses the memory of one gradient",
			i);
		held[i] = t.arena.held;
	}
	ok(held[1] == held[2], "a tape that is reset allocates no new memory in the second round");
	tape_free(&t);
}

/* many tokens: attention without kept weights is computed in pieces, with the same bits and little memory */
static void
test_pieces(void)
{
	enum { L = 1000, D = 64, H = 2 };
	struct tape t[2];
	struct var *y[2];

	memset(t, 0, sizeof t);
	for (int on = 0; on < 2; on++) {
		struct rng r = rng_at(5, 0, "pieces", "");
		struct var *x;

		tape_reset(&t[on], on, NULL, NULL);
		x = tape_var(&t[on], 3, 1, L, 3 * D, 0, true);
		for (long i = 0; i < var_count(x); i++)
			x->x[i] = (float)rng_normal(&r);
		y[on] = op_attention(&t[on], (struct part){ x, 0 }, (struct part){ x, D }, (struct part){ x, 2 * D }, D,
			H, NULL, 0, NULL);
	}
	ok(memcmp(y[0]->x, y[1]->x, sizeof(float) * L * D) == 0,
		"attention over %d tokens: the same bits with and without kept weights", L);
	ok(t[0].arena.peak < t[1].arena.peak / 4, "attention without kept weights takes %.1f MB, with them %.1f",
		1e-6 * (double)t[0].arena.peak, 1e-6 * (double)t[1].arena.peak);
	tape_free(&t[0]);
	tape_free(&t[1]);
}

/* op_linear with packed weights: the numbers of gemm, and a row does not depend on other rows */
static void
test_packed(const char *isa)
{
	/* the last panel narrow, several depths, a depth that is not whole vectors, too few outputs to be laid out */
	static const int sizes[][3] = { { 65, 192, 96 }, { 7, 80, 800 }, { 13, 16, 27 }, { 50, 112, 384 },
		{ 5, 6, 32 } };

	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		const int R = sizes[s][0], O = sizes[s][1], I = sizes[s][2];
		struct params p = { 0 };
		struct rng r = rng_at(3, (long)s, "packed", isa);
		struct tape t = { 0 };
		struct var *y[3];
		float *x = mem_new(sizeof *x * (size_t)(R * I)), *plain = mem_new(sizeof *plain * (size_t)(R * O));
		double worst = 0, size = 0;

		params_add(&p, INIT_XAVIER, 2, O, I, 0, 0, "w");
		params_add(&p, INIT_ONE, 1, O, 0, 0, 0, "b");
		p.list[0].linear = true;
		params_build(&p);
		params_init(&p, 1);
		for (int i = 0; i < R * I; i++)
			x[i] = (float)rng_normal(&r);
		tape_reset(&t, false, &p, NULL);
		y[0] = op_linear(
			&t, tape_wrap(&t, x, NULL, 2, R, I, 0, 0), tape_param(&t, 0), tape_param(&t, 1), ACT_NONE);
		memcpy(plain, y[0]->x, sizeof(float) * (size_t)(R * O));
		params_pack(&p);
		ok(params_is_packed(&p, 0) == (kernel_packs(O) != 0) && !params_is_packed(&p, 1),
			"%s, weight of %d x %d: packed if the outputs fill whole vectors", isa, O, I);
		tape_reset(&t, false, &p, NULL);
		y[1] = op_linear(
			&t, tape_wrap(&t, x, NULL, 2, R, I, 0, 0), tape_param(&t, 0), tape_param(&t, 1), ACT_NONE);
		y[2] = op_linear(&t, tape_wrap(&t, x + (R / 2) * I, NULL, 2, 1, I, 0, 0), tape_param(&t, 0),
			tape_param(&t, 1), ACT_NONE);
		for (int i = 0; i < R * O; i++) {
			worst = fmax(worst, fabs((double)(y[1]->x[i] - plain[i])));
			size = fmax(size, fabs((double)plain[i]));
		}
		ok(worst < 1e-6 * size * sqrt(I),
			"%s: packed product of %d rows by %d x %d agrees with BLAS (%.1e of %.1f)", isa, R, O, I, worst,
			size);
		ok(!params_is_packed(&p, 0) || memcmp(y[2]->x, y[1]->x + (R / 2) * O, sizeof(float) * (size_t)O) == 0,
			"%s: packed product: a row has the same bits alone and among others", isa);
		tape_free(&t);
		params_free(&p);
		free(plain);
		free(x);
	}
}

static void
count_piece(void *arg, int from, int to, int worker)
{
	(void)worker;
	for (int i = from; i < to; i++)
		((int *)arg)[i]++;
	if (from == 0 && to == 50)
		((int *)arg)[50]++;
}

/* each piece of shared work is computed once, with the same bits; no work is shared while another tape is in use */
static void
test_parallel_for(void)
{
	enum { L = 50, D = 96, H = 3 };
	struct parallel_for s = { .pool = pool_new(4) };
	struct params p = { 0 };
	struct tape t[2] = { 0 };
	struct var *y[2];
	int hits[L + 1] = { 0 }, wrong = 0;

	parallel_for_enter(&s);
	parallel_for(&s, L, 7, count_piece, hits);
	parallel_for_enter(&s);
	parallel_for(&s, L, 7, count_piece, hits);
	parallel_for(NULL, L, 7, count_piece, hits);
	parallel_for_leave(&s);
	for (int i = 0; i < L; i++)
		wrong += hits[i] != 3;
	ok(!wrong && hits[L] == 2,
		"parallel_for covers each element once, with several threads and while another tape is in use");

	params_add(&p, INIT_XAVIER, 2, 3 * D, D, 0, 0, "w");
	params_add(&p, INIT_ONE, 1, 3 * D, 0, 0, 0, "b");
	p.list[0].linear = true;
	params_build(&p);
	params_init(&p, 1);
	params_pack(&p);
	t[1].team = &s;
	for (int i = 0; i < 2; i++) {
		struct rng r = rng_at(7, 0, "share", "");
		struct var *x;

		tape_reset(&t[i], false, &p, NULL);
		x = tape_var(&t[i], 3, 2, L, D, 0, false);
		for (long j = 0; j < var_count(x); j++)
			x->x[j] = (float)rng_normal(&r);
		x = op_linear(&t[i], x, tape_param(&t[i], 0), tape_param(&t[i], 1), ACT_GELU);
		y[i] = op_attention(&t[i], (struct part){ x, 0 }, (struct part){ x, D }, (struct part){ x, 2 * D }, D,
			H, NULL, 0, NULL);
	}
	ok(params_is_packed(&p, 0) && memcmp(y[0]->x, y[1]->x, sizeof(float) * (size_t)var_count(y[0])) == 0,
		"a linear layer and attention: the same bits for 1 and 4 threads");
	parallel_for_leave(&s);
	tape_free(&t[0]);
	tape_free(&t[1]);
	params_free(&p);
	pool_free(s.pool);
}

static void
test_params(void)
{
	struct params p = { 0 }, q = { 0 };
	int w = params_add(&p, INIT_XAVIER, 2, 30, 20, 0, 0, "w.%d", 3),
		b = params_add(&p, INIT_ONE, 1, 5, 0, 0, 0, "b");
	float top = 0;

	params_add(&q, INIT_TOKEN, 1, 7, 0, 0, 0, "other");
	params_add(&q, INIT_XAVIER, 2, 30, 20, 0, 0, "w.3");
	params_build(&p);
	params_build(&q);
	params_init(&p, 5);
	params_init(&q, 5);
	for (int i = 0; i < 600; i++)
		top = fmaxf(top, fabsf(p.values[i]));
	ok(params_find(&p, "w.3") == w && params_find(&p, "b") == b && params_find(&p, "w") < 0,
		"params_find finds parameters by name");
	ok(top > 0.3f && top <= sqrtf(6.0f / 50), "Xavier init stays within its bound (%.4f)", (double)top);
	ok(memcmp(p.values, q.values + q.list[1].offset, 600 * sizeof(float)) == 0,
		"initial values depend only on seed and name");
	ok(p.list[1].offset % 16 == 0 && p.values[p.list[1].offset] == 1 && p.values[p.list[1].offset + 5] == 0 &&
			(size_t)p.values % 64 == 0,
		"parameters are aligned and the gaps between them are zero");
	ok(p.list[0].decay && !p.list[1].decay, "weight decay applies to matrices only");
	params_free(&p);
	params_free(&q);
}

int
main(void)
{
	setenv("TSCAE_ISA", "baseline", 1);
	ok(strcmp(kernel_isa(), "baseline") == 0, "TSCAE_ISA names the instruction set");
	for (int i = 0; i < 3; i++)
		if (kernel_use(sets[i]) == 0) {
			test_gelu(sets[i]);
			test_softmax(sets[i]);
			test_sums(sets[i]);
			test_packed(sets[i]);
		}
	ok(kernel_use("abacus") == -1, "an unknown instruction set is refused");
	test_gemm();
	test_folding();
	test_memory();
	test_pieces();
	test_parallel_for();
	test_params();
	return tap_end();
}
