/* gemm_peak - maximum speed of the multiply-add units of one core: ten independent chains of multiply-adds

   The loop has the vectors of the instruction set that kernel.h uses: AVX-512, AVX2 with FMA, or four floats with a
   product and a sum each. */
#ifndef TESTS_BENCH_GEMM_PEAK_H
#define TESTS_BENCH_GEMM_PEAK_H

#include "kernel/kernel.h"

#include <string.h>
#include <time.h>

static inline double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { PEAK_TIMES = 10 * 1000 * 1000 };

#define PEAK_TEN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)

/* name(): do PEAK_TIMES rounds of ten multiply-adds of `floats` numbers each; returns the number of operations */
#define PEAK(name, attributes, vector, floats, start, CHAIN) \
	attributes static double \
	name(void) \
	{ \
		vector x = (start), a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x; \
		for (long n = 0; n < PEAK_TIMES; n++) { \
			PEAK_TEN(CHAIN) \
		} \
		return 20.0 * (floats) * PEAK_TIMES; \
	}

typedef float peak_four __attribute__((vector_size(16)));

/* +x: keep the value in a register, so that the chains stay separate and are not computed at compile time */
#if defined __x86_64__
#define PEAK_PLAIN(i) __asm__ volatile("" : "+x"(a##i)); a##i = a##i * x + x;
#elif defined __aarch64__
#define PEAK_PLAIN(i) __asm__ volatile("" : "+w"(a##i)); a##i = a##i * x + x;
#else
#define PEAK_PLAIN(i) __asm__ volatile("" : "+m"(a##i)); a##i = a##i * x + x;
#endif

PEAK(peak_baseline, , peak_four, 4, ((peak_four){ 0.5f, 0.5f, 0.5f, 0.5f }), PEAK_PLAIN)

#if defined __x86_64__

#include <immintrin.h>

#define PEAK_FMA(i) __asm__ volatile("vfmadd213ps %1, %1, %0" : "+v"(a##i) : "v"(x));

PEAK(peak_avx512, __attribute__((target("avx512f"))), __m512, 16, _mm512_set1_ps(0.5f), PEAK_FMA)
PEAK(peak_avx2, __attribute__((target("avx2,fma"))), __m256, 8, _mm256_set1_ps(0.5f), PEAK_FMA)

#endif

static inline double
(*peak_loop(void))(void)
{
#if defined __x86_64__
	if (strcmp(kernel_isa(), "avx512") == 0)
		return peak_avx512;
	if (strcmp(kernel_isa(), "avx2") == 0)
		return peak_avx2;
#endif
	return peak_baseline;
}

/* GFLOP/s, the best of five, because other processes can only slow it down. */
static inline double
peak(void)
{
	double (*loop)(void) = peak_loop(), best = 0;

	for (int i = 0; i < 5; i++) {
		double t = seconds(), rate = loop() / (seconds() - t) * 1e-9;

		best = rate > best ? rate : best;
	}
	return best;
}

#endif
