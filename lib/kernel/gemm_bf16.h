/* gemm_bf16 - matrix products of bfloat16 numbers, added up in fp32, by oneDNN; one thread each

   Optional: make ONEDNN=1. Nothing else includes oneDNN. */
#ifndef KERNEL_GEMM_BF16_H
#define KERNEL_GEMM_BF16_H

#include <stdbool.h>
#include <stdint.h>

/* Why this program cannot multiply in bfloat16 on this machine, for a message; NULL: it can. */
const char *gemm_bf16_refusal(void);

/* c (m, n) = op(a) op(b) + beta * c, row-major and dense; op(a) is (m, k): a is stored (m, k), or (k, m) when ta; op(b)
   is (k, n), stored (n, k) when tb. beta is 0, which does not read c, or 1. The bits depend on the operands alone. Only
   where gemm_bf16_refusal() is NULL. Operations are counted as those of gemm(). */
void gemm_bf16(bool ta, bool tb, int m, int n, int k, const uint16_t *a, const uint16_t *b, float beta, float *c);

/* Name, version and instruction set, such as "oneDNN 2.6.3 avx512_bf16"; "no oneDNN"; static. */
const char *gemm_bf16_version(void);

#endif
