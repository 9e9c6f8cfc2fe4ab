/* gemm - the door to BLAS: matrix products in single precision, one thread each

   OpenBLAS at one thread, called from as many threads as the program has: its results then depend on the
   numbers alone, not on who computes them or on what else runs. */
#include "kernel/gemm.h"

#include <assert.h>
#include <cblas.h>
#include <stdio.h>

static _Thread_local double flops;

/* OpenBLAS's own end of its threads; a flavor without threads may lack it */
extern int blas_thread_shutdown_(void) __attribute__((weak));

/* before main: no program that multiplies can forget it. OpenBLAS has started a thread for each processor by then, and each
   would wait in a loop for some 40 ms, beside whatever this program begins with: they end here (a later openblas_set_num_threads starts them again) */
__attribute__((constructor)) static void
one_thread(void)
{
	openblas_set_num_threads(1);
	if (blas_thread_shutdown_)
		blas_thread_shutdown_();
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

void
gemm_count(double operations)
{
	flops += operations;
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
