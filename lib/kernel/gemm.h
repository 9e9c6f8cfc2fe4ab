/* gemm - matrix products in single precision by BLAS, one thread each (set before main)

   Nothing else includes cblas.h. Row-major. Operations are counted per thread: GFLOP/s in logs are those of the work
   done. */
#ifndef KERNEL_GEMM_H
#define KERNEL_GEMM_H

#include <stdbool.h>

/* c (m, n; row stride ldc) = alpha * op(a) op(b) + beta * c; op(a) is (m, k): a is stored (m, k) with stride lda,
   or (k, m) when ta; op(b) is (k, n), stored (n, k) when tb. beta 0 does not read c. */
void gemm(bool ta, bool tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb,
	float beta, float *c, int ldc);

/* Floating-point operations (2 per multiply-add) of this thread's products since the last call; resets the count. */
double gemm_flops(void);

/* Add the operations of a product that another function computed. */
void gemm_count(double operations);

/* Name, version and CPU type, such as "OpenBLAS 0.3.21 SkylakeX"; static. */
const char *gemm_version(void);

#endif
