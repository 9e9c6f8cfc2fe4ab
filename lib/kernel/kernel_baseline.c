/* kernel_baseline - the kernels with what every machine of this kind has (vectors of 4: SSE2, NEON) */
#include "kernel/kernel_set.h"
#include "kernel/kernel_head.h"
#include "kernel/kernel_linear.h"
#include "kernel/kernel_math.h"
#include "kernel/kernel_norm.h"
#include "kernel/kernel_rows.h"

const struct kernel_set kernel_set_baseline = KERNEL_SET("baseline");
