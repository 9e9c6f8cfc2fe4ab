/* kernel_avx512 - the kernels with vectors of 16 floats */
#if defined __x86_64__

#include "kernel/kernel_set.h"

/* included before the target is set: inline functions of the C library must stay callable from all code */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined __clang__
#pragma clang attribute push( \
	__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")
#endif

#define KERNEL_WIDTH 16
#include "kernel/kernel_head.h"
#include "kernel/kernel_math.h"
#include "kernel/kernel_matmul.h"
#include "kernel/kernel_norm.h"
#include "kernel/kernel_rows.h"

#if defined __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const struct kernel_set kernel_set_avx512 = KERNEL_SET("avx512");

#endif
