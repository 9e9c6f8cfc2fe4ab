/* kernel_baseline - the kernels with what every machine of this kind has (vectors of 4: SSE2, NEON) */
#include "nn/kernel_set.h"
#include "nn/kernel_head.h"
#include "nn/kernel_linear.h"
#include "nn/kernel_math.h"
#include "nn/kernel_norm.h"
#include "nn/kernel_rows.h"

const struct kernel_set kernel_set_baseline = KERNEL_SET("baseline");
