/* gemm_peak - what one core's multiply-add units can do: ten independent chains of FMAs, nothing else */
#ifndef TESTS_BENCH_GEMM_PEAK_H
#define TESTS_BENCH_GEMM_PEAK_H

#include <time.h>

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#if defined __x86_64__

#include <immintrin.h>

#define TEN(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define CHAIN(i) __asm__ volatile("vfmadd213ps %1, %1, %0" : "+v"(a##i) : "v"(x));

/* GFLOP/s of a run of `floats` wide FMAs, the best of five: a neighbour can only slow it down */
#define PEAK(name, isa, vector, floats, START) \
	__attribute__((target(isa))) static double \
	name(void) \
	{ \
		vector x = START(0.5f), a0 = x, a1 = x, a2 = x, a3 = x, a4 = x, a5 = x, a6 = x, a7 = x, a8 = x, a9 = x; \
		const long times = 10 * 1000 * 1000; \
		double best = 1e30; \
		for (int i = 0; i < 5; i++) { \
			double t = seconds(); \
			for (long n = 0; n < times; n++) { \
				TEN(CHAIN) \
			} \
			t = seconds() - t; \
			best = t < best ? t : best; \
		} \
		return 20.0 * floats * (double)times / best * 1e-9; \
	}

PEAK(peak_avx512, "avx512f", __m512, 16, _mm512_set1_ps)
PEAK(peak_avx2, "avx2,fma", __m256, 8, _mm256_set1_ps)

/* of the widest vectors of this machine; 0: not known how to measure */
static double
peak(void)
{
	return __builtin_cpu_supports("avx512f") ? peak_avx512() : __builtin_cpu_supports("fma") ? peak_avx2() : 0;
}

#else

static double
peak(void)
{
	return 0;
}

#endif
#endif
