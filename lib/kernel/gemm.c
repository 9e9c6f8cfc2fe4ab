/* gemm - matrix products in single precision by BLAS, one thread each

   OpenBLAS runs with one thread, called from all threads of the program. Its results then depend on the operands
   alone, not on the number of threads. */
#include "kernel/gemm.h"

#include <assert.h>
#include <cblas.h>
#include <stdbool.h>
#include <stdio.h>

static _Thread_local double flops;

/* ends the threads of OpenBLAS; a build without threads does not define it */
extern int blas_thread_shutdown_(void) __attribute__((weak));

/* Runs before main. By then OpenBLAS has started one thread per processor, each of which busy-waits for about 40 ms
   and takes time from the threads of this program: end them (a later openblas_set_num_threads() starts them again).
   */
__attribute__((constructor)) static void
one_thread(void)
{
	openblas_set_num_threads(1);
	if (blas_thread_shutdown_)
		blas_thread_shutdown_();
}

void
gemm(bool ta, bool tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
	float beta, float *c, int ldc)
{
	assert(lda >= (ta ? m : k) && ldb >= (tb ? k : n) && ldc >= n);
	cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, m, n, k,
		alpha, a, lda, b, ldb, beta, c, ldc);
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

	/* the second word of "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..." */
	sscanf(openblas_get_config(), "%*s %23s", version);
	snprintf(text, sizeof text, "OpenBLAS %s %s", version, openblas_get_corename());
	return text;
}
