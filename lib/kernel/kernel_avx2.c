/* kernel_avx2 - the kernels with vectors of 8 floats */
#if defined __x86_64__

#include "kernel/kernel_set.h"

/* included before the target is set: inline functions of the C library must stay callable from all code */
#include <immintrin.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#if defined __clang__
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define KERNEL_WIDTH 8
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

const struct kernel_set kernel_set_avx2 = KERNEL_SET("avx2");

#endif
