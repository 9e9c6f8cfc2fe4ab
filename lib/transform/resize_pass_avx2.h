/* resize_pass_avx2 - the same passes with vectors of 32 bytes, where the machine has them */
#ifndef TRANSFORM_RESIZE_PASS_AVX2_H
#define TRANSFORM_RESIZE_PASS_AVX2_H

#include "transform/resize_pass.h"

#include <stdbool.h>

/* True where the two below may be called for these images: the machine, TSCAE_ISA and the shape allow it. */
bool resize_pass_avx2_across_can(const struct image *to);
bool resize_pass_avx2_down_can(const struct image *to);

/* As resize_pass_across() of at least four rows of three channels, and resize_pass_down() of at least 32 bytes a row. */
void resize_pass_avx2_across(struct arena *a, const struct resize_pass *p, const struct image *to, const struct image *from);
void resize_pass_avx2_down(const struct resize_pass *p, const struct image *to, const struct image *from);

#endif
