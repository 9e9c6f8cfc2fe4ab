/* nn - results of the ops: accuracy, extreme values and identities (grad.c tests their gradients)

   Folding (formats/method.md): K equal tokens are one token whose logit as a key gets + ln K. */
#include "base/mem.h"
#include "base/pool.h"
#include "base/rng.h"
#include "kernel/gemm.h"
#include "kernel/gemm_bf16.h"
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/parallel.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const sets[] = { "baseline", "avx2", "avx512" };

static void
test_gelu(const char *isa)
{
	enum { POINTS = 40001 };
	float *z = mem_array(POINTS, sizeof *z), *y = mem_array(POINTS, sizeof *y), *d = mem_array(POINTS, sizeof *d);
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

static float
from_bf16(uint16_t x)
{
	const uint32_t u = (uint32_t)x << 16;
	float y;

	memcpy(&y, &u, sizeof y);
	return y;
}

/* all upper halves with lower halves below, at and above the middle; lengths that are no multiple of the vector */
static void
test_round(const char *isa)
{
	static const uint32_t lower[] = { 0, 1, 0x7fff, 0x8000, 0x8001, 0xffff };
	int wrong = 0, past = 0;

	for (uint32_t upper = 0; upper < 0x10000; upper++) {
		float x[6];
		uint16_t y[7] = { [6] = 12345 };

		for (int i = 0; i < 6; i++)
			memcpy(&x[i], &(uint32_t){ upper << 16 | lower[i] }, sizeof *x);
		kernel_bf16(6, x, y);
		past += y[6] != 12345;
		for (int i = 0; i < 6; i++) {
			const bool up = lower[i] > 0x8000 || (lower[i] == 0x8000 && upper & 1);

			wrong += isnan(x[i]) ? !isnan(from_bf16(y[i])) : y[i] != (uint16_t)(upper + up);
		}
	}
	for (int n = 0; n < 70; n++) {
		float x[70];
		uint16_t y[71];

		for (int i = 0; i < 70; i++)
			x[i] = (float)(i + 1);
		y[n] = 12345;
		kernel_bf16(n, x, y);
		past += y[n] != 12345;
		for (int i = 0; i < n; i++)
			wrong += from_bf16(y[i]) != x[i];
	}
	ok(wrong == 0 && past == 0, "%s: the nearest bfloat16, ties to even, NaN stays NaN: %d wrong", isa, wrong);
}

/* the 8 kinds of a product of bfloat16 numbers, against double */
static void
test_gemm_bf16(void)
{
	static const int sizes[][3] = { { 1, 1, 1 }, { 3, 5, 7 }, { 1, 40, 96 }, { 65, 96, 33 }, { 130, 48, 200 } };
	enum { MOST = 200 * 200 };
	float *x = mem_array(2 * MOST, sizeof *x), *c = mem_array(MOST, sizeof *c);
	uint16_t *a = mem_array(2 * MOST, sizeof *a), *b = a + MOST;
	double worst = 0;

	for (int i = 0; i < 2 * MOST; i++)
		x[i] = sinf((float)i * 0.7f);
	kernel_bf16(2L * MOST, x, a);
	for (int s = 0; s < 5; s++)
		for (int kind = 0; kind < 8; kind++) {
			const bool ta = kind & 1, tb = kind & 2, add = kind & 4;
			const int m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];

			for (int i = 0; i < m * n; i++)
				c[i] = add ? (float)i : NAN;
			gemm_flops();
			gemm_bf16(ta, tb, m, n, k, a, b, add, c);
			worst += gemm_flops() == 2.0 * m * n * k ? 0 : 1;
			for (int i = 0; i < m * n; i++) {
				double sum = add ? i : 0;

				for (int l = 0; l < k; l++)
					sum += (double)from_bf16(a[ta ? l * m + i / n : i / n * k + l]) *
						(double)from_bf16(b[tb ? i % n * k + l : l * n + i % n]);
				worst = fmax(worst, fabs(c[i] - sum) / (1 + fabs(sum)));
				if (isnan(c[i]))
					worst = INFINITY;
			}
		}
	ok(worst < 2e-5, "%s: products of all kinds are added up in fp32 (%.1e)", gemm_bf16_version(), worst);
	free(x);
	free(c);
	free(a);
}

/* a layer whose weights have bfloat16 values: the result, dx and dw of rounded x, w and dy */
static void
test_linear_bf16(void)
{
	enum { R = 37, I = 24, O = 40 };
	struct params p = { 0 };
	struct tape t = { 0 };
	float *x = mem_array(R * I, sizeof *x), *dx = mem_array(R * I, sizeof *dx),
	    *dy = mem_array(R * O, sizeof *dy), *g;
	uint16_t *rx = mem_array(R * I, sizeof *rx), *rdy = mem_array(R * O, sizeof *rdy);
	const int w = params_add(&p, INIT_XAVIER, 2, O, I, 0, 0, "w"), b = params_add(&p, INIT_ONE, 1, O, 0, 0, 0, "b");
	struct var *y;
	double worst[3] = { 0 };

	params_build(&p);
	params_init(&p, 3);
	params_build_bf16(&p);
	params_bf16(&p, 0, p.size);
	for (int i = 0; i < R * I; i++)
		x[i] = cosf((float)i * 1.3f);
	for (int i = 0; i < R * O; i++)
		dy[i] = sinf((float)i * 0.9f);
	kernel_bf16(R * I, x, rx);
	kernel_bf16(R * O, dy, rdy);
	g = params_block(&p);
	tape_reset(&t, true, &p, g);
	y = op_linear(&t, tape_wrap(&t, x, dx, 2, R, I, 0, 0), tape_param(&t, w), tape_param(&t, b), ACT_NONE);
	var_seed(y, dy, 1);
	tape_backward(&t);
	for (int r = 0; r < R; r++)
		for (int o = 0; o < O; o++) {
			double sum = 1;

			for (int i = 0; i < I; i++)
				sum += (double)from_bf16(rx[r * I + i]) * (double)from_bf16(p.bf16[o * I + i]);
			worst[0] = fmax(worst[0], fabs(y->x[r * O + o] - sum));
		}
	for (int r = 0; r < R; r++)
		for (int i = 0; i < I; i++) {
			double sum = 0;

			for (int o = 0; o < O; o++)
				sum += (double)from_bf16(rdy[r * O + o]) * (double)from_bf16(p.bf16[o * I + i]);
			worst[1] = fmax(worst[1], fabs(dx[r * I + i] - sum));
		}
	for (int o = 0; o < O; o++)
		for (int i = 0; i < I; i++) {
			double sum = 0;

			for (int r = 0; r < R; r++)
				sum += (double)from_bf16(rdy[r * O + o]) * (double)from_bf16(rx[r * I + i]);
			worst[2] = fmax(worst[2], fabs(g[o * I + i] - sum));
		}
	ok(worst[0] < 1e-5 && worst[1] < 1e-5 && worst[2] < 1e-5,
		"a linear layer in bfloat16: result, dx and dw are those of rounded numbers (%.1e %.1e %.1e)", worst[0],
		worst[1], worst[2]);
	tape_free(&t);
	params_block_free(g);
	params_free(&p);
	free(x);
	free(dx);
	free(dy);
	free(rx);
	free(rdy);
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
	ok(getenv("OPENBLAS_CORETYPE") || strcmp(kernel_isa(), "baseline") == 0 || !strstr(gemm_version(), "Prescott"),
		"an OpenBLAS older than the processor multiplies with kernels of its instruction set");
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
		float *x = mem_array((size_t)(R * I), sizeof *x), *plain = mem_array((size_t)(R * O), sizeof *plain);
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
	for (int i = 0; i < 3; i++)
		if (kernel_use(sets[i]) == 0) {
			test_gelu(sets[i]);
			test_softmax(sets[i]);
			test_sums(sets[i]);
			test_round(sets[i]);
			test_packed(sets[i]);
		}
	ok(kernel_use("abacus") == -1, "an unknown instruction set is refused");
	test_gemm();
	if (!gemm_bf16_refusal()) {
		test_gemm_bf16();
		test_linear_bf16();
	} else
		ok(1, "products of bfloat16 numbers # SKIP %s", gemm_bf16_refusal());
	test_folding();
	test_memory();
	test_pieces();
	test_parallel_for();
	test_params();
	return tap_end();
}
