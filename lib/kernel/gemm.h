/* gemm - the door to BLAS: matrix products in single precision, one thread each (set before main)

   Nothing else includes cblas.h. Row-major. The count of multiply-adds is kept per thread, so that the
   trainer's GFLOP/s are those of the work actually done. */
#ifndef KERNEL_GEMM_H
#define KERNEL_GEMM_H

#include <stdbool.h>

/* c (m, n; row stride ldc) = alpha * op(a) op(b) + beta * c; op(a) is (m, k): a is stored (m, k) with stride lda,
   or (k, m) when ta; op(b) is (k, n), stored (n, k) when tb. beta 0 does not read c. */
void gemm(bool ta, bool tb, int m, int n, int k, float alpha, const float *a, int lda, const float *b, int ldb, float beta, float *c, int ldc);

/* Floating-point operations (2 per multiply-add) of this thread's products since the last call; resets. */
double gemm_flops(void);

/* Count operations of a product that was not done here. */
void gemm_count(double operations);

/* "OpenBLAS 0.3.21 SkylakeX": for messages. */
const char *gemm_version(void);

#endif
