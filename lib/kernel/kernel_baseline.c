/* kernel_baseline - the kernels with vectors of 4 floats, for every CPU (SSE2, NEON) */
#include "kernel/kernel_set.h"
#include "kernel/kernel_head.h"
#include "kernel/kernel_math.h"
#include "kernel/kernel_matmul.h"
#include "kernel/kernel_norm.h"
#include "kernel/kernel_rows.h"

const struct kernel_set kernel_set_baseline = KERNEL_SET("baseline");
