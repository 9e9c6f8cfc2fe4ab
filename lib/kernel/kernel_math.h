/* kernel_math - the kernels that use exp: GELU, softmax; compiled for each instruction set

   exp: x = n ln 2 + r, exp(r) by the polynomial of Cephes' expf (Moshier), times 2^n.
   GELU: Phi(-|x|) = exp(-x^2/2) t P(t), t = 1 / (1 + 0.28 |x|), P of degree 8 through 9 Chebyshev nodes of
   |x| <= 14 (relative error 7e-8). The derivative Phi + x phi uses the same exp. */
#ifndef KERNEL_KERNEL_MATH_H
#define KERNEL_KERNEL_MATH_H

#include "kernel/kernel_vector.h"

#include <math.h>

/* exp of x <= 0 */
static inline vf
exp_negative(vf x)
{
	/* exp(-110) is below the smallest float; -infinity would make r NaN */
	vf y = max_(all(-110), x), n = nearest(y * 1.44269504088896341f);
	vf r = fma_(n, all(2.12194440e-4f), fma_(n, all(-0.693359375f), y));
	vf p = all(1.9875691500e-4f);

	p = fma_(p, r, all(1.3981999507e-3f));
	p = fma_(p, r, all(8.3334519073e-3f));
	p = fma_(p, r, all(4.1665795894e-2f));
	p = fma_(p, r, all(1.6666665459e-1f));
	p = fma_(p, r, all(5.0000001201e-1f));
	return times_power(fma_(p, r * r, r) + 1, n);
}

static inline void
gelu_vector(vf x, vf *y, vf *d)
{
	static const float P[] = {
		0.021741089016125526f, -0.07844003159752595f, 0.0600096152251176f, 0.03151626040638551f,
		0.04625853610935208f,
		0.09489498465647926f, 0.10025367861392505f, 0.11208346138897529f, 0.11168242360084689f
	};
	vf size = (vf)((vi)x & 0x7fffffff), t = 1 / fma_(all(0.28f), size, all(1));
	vf e = exp_negative(x * x * -0.5f), p = all(P[0]), phi;
	vi negative = (vi)x >> 31;

	for (int i = 1; i < (int)(sizeof P / sizeof *P); i++)
		p = fma_(p, t, all(P[i]));
	p = p * t * e;
	phi = (vf)((negative & (vi)p) | (~negative & (vi)(1 - p)));
	*y = x * phi;
	*d = fma_(x * e, all(0.398942280401432678f), phi);	/* 1 / sqrt(2 pi) */
}

static void
gelu(long n, const float *z, float *y, float *d)
{
	for (long i = 0; i < n; i += W) {
		int lanes = n - i < W ? (int)(n - i) : W;
		vf yi, di;

		gelu_vector(load_n(z + i, lanes, 0), &yi, &di);
		store_n(y + i, lanes, yi);
		if (d)
			store_n(d + i, lanes, di);
	}
}

/* a row of `vectors` vectors, the last one with `last` lanes; stays in registers where `vectors` is a constant */
static inline __attribute__((always_inline)) void
softmax_row(int vectors, int last, float *s, float scale, const float *bias, vf *x)
{
	vf top = all(-INFINITY), sum = all(0);
	float factor;

	for (int j = 0; j < vectors; j++) {
		int lanes = j == vectors - 1 ? last : W;

		x[j] = load_n(s + j * W, lanes, -INFINITY);
		x[j] = bias ? fma_(x[j], all(scale), load_n(bias + j * W, lanes, 0)) : x[j] * scale;
		top = max_(x[j], top);
	}
	top = all(max_of(top));
	for (int j = 0; j < vectors; j++) {
		x[j] = exp_negative(x[j] - top);
		sum += x[j];
	}
	factor = 1 / sum_of(sum);
	for (int j = 0; j < vectors; j++)
		store_n(s + j * W, j == vectors - 1 ? last : W, x[j] * factor);
}

/* a row of any length, in place */
static inline void
softmax_long(int K, float *s, float scale, const float *bias)
{
	vf top = all(-INFINITY), sum = all(0);
	float factor;

	for (int j = 0; j < K; j += W) {
		vf x = load_n(s + j, K - j, -INFINITY);

		x = bias ? fma_(x, all(scale), load_n(bias + j, K - j, 0)) : x * scale;
		store_n(s + j, K - j, x);
		top = max_(x, top);
	}
	top = all(max_of(top));
	for (int j = 0; j < K; j += W) {
		vf x = exp_negative(load_n(s + j, K - j, -INFINITY) - top);

		store_n(s + j, K - j, x);
		sum += x;
	}
	factor = 1 / sum_of(sum);
	for (int j = 0; j < K; j += W)
		store_n(s + j, K - j, load_n(s + j, K - j, 0) * factor);
}

static void
softmax(int rows, int K, int ld, float *s, float scale, const float *bias)
{
	int vectors = (K + W - 1) / W, last = K - (vectors - 1) * W;
	vf x[5];

	for (int r = 0; r < rows; r++, s += ld)
		switch (vectors) {
		case 1: softmax_row(1, last, s, scale, bias, x); break;
		case 2: softmax_row(2, last, s, scale, bias, x); break;
		case 3: softmax_row(3, last, s, scale, bias, x); break;
		case 4: softmax_row(4, last, s, scale, bias, x); break;
		case 5: softmax_row(5, last, s, scale, bias, x); break;
		default: softmax_long(K, s, scale, bias); break;
		}
}

static void
softmax_back(int rows, int K, int ld, const float *p, float *dp, float scale)
{
	for (int r = 0; r < rows; r++, p += ld, dp += ld) {
		vf sum = all(0), dot;

		for (int j = 0; j < K; j += W)
			sum = fma_(load_n(p + j, K - j, 0), load_n(dp + j, K - j, 0), sum);
		dot = all(sum_of(sum));
		for (int j = 0; j < K; j += W)
			store_n(dp + j, K - j, (load_n(dp + j, K - j, 0) - dot) * load_n(p + j, K - j, 0) * scale);
	}
}

#endif
