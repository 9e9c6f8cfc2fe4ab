/* tsan_blas - cblas_sgemm in plain C, linked in place of OpenBLAS's, whose memory accesses ThreadSanitizer cannot
   see */
#include <cblas.h>

void cblas_sgemm(const enum CBLAS_ORDER order, const enum CBLAS_TRANSPOSE ta, const enum CBLAS_TRANSPOSE tb,
	const blasint m, const blasint n, const blasint k, const float alpha, const float *a, const blasint lda,
	const float *b, const blasint ldb, const float beta, float *c, const blasint ldc)
{
	(void)order;
	for (blasint i = 0; i < m; i++)
		for (blasint j = 0; j < n; j++) {
			float sum = 0, *to = c + (long)i * ldc + j;

			for (blasint l = 0; l < k; l++)
				sum += (ta == CblasTrans ? a[(long)l * lda + i] : a[(long)i * lda + l]) *
					(tb == CblasTrans ? b[(long)j * ldb + l] : b[(long)l * ldb + j]);
			*to = alpha * sum + (beta != 0 ? beta * *to : 0);
		}
}
