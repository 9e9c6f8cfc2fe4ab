/* gemm - the door to BLAS: matrix products in single precision, one thread each

   OpenBLAS at one thread, called from as many threads as the program has: its results then depend on the
   numbers alone, not on who computes them or on what else runs. */
#include "nn/gemm.h"

#include <assert.h>
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local double flops;

/* OpenBLAS's own choice of kernels, to be made again; its header does not declare them */
void gotoblas_dynamic_quit(void) __attribute__((weak));
void gotoblas_dynamic_init(void) __attribute__((weak));

/* A processor that OpenBLAS is too old to know gets its AVX2 kernels, half the speed of the AVX-512 ones where
   vectors of 512 bits go through in one piece (measured on Zen 5: 109 and 205 of 230 GFLOP/s). Ask for these,
   unless the user has asked for something. */
static void
choose_core(void)
{
#if defined __x86_64__
	if (getenv("OPENBLAS_CORETYPE") || !gotoblas_dynamic_quit || !gotoblas_dynamic_init)
		return;
	if (!__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512bw"))
		return;
	if (strcmp(openblas_get_corename(), "Haswell") != 0 && strcmp(openblas_get_corename(), "Zen") != 0)
		return;
	setenv("OPENBLAS_CORETYPE", "SkylakeX", 1);
	gotoblas_dynamic_quit();
	gotoblas_dynamic_init();
	unsetenv("OPENBLAS_CORETYPE");
#endif
}

void
gemm_open(void)
{
	choose_core();
	openblas_set_num_threads(1);
}

void
gemm(bool ta, bool tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc)
{
	assert(lda >= (ta ? m : k) && ldb >= (tb ? k : n) && ldc >= n);
	cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
	flops += 2.0 * m * n * k;
}

double
gemm_flops(void)
{
	double f = flops;

	flops = 0;
	return f;
}

const char *
gemm_version(void)
{
	static char text[64];
	char version[24] = "";

	/* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...": the second word */
	sscanf(openblas_get_config(), "%*s %23s", version);
	snprintf(text, sizeof text, "OpenBLAS %s %s", version, openblas_get_corename());
	return text;
}
