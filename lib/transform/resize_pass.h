/* resize_pass - the two inner loops of resizing, along rows and along columns */
#ifndef TRANSFORM_RESIZE_PASS_H
#define TRANSFORM_RESIZE_PASS_H

#include "base/mem.h"
#include "codec/image.h"

#include <stdint.h>

/* Fractional bits of a coefficient: 32 less 8 of a sample less 2 for the overshoot of bicubic (Pillow). */
enum { RESIZE_PASS_BITS = 32 - 8 - 2 };

struct resize_pass {
	int count;		/* outputs */
	int taps;		/* room for each output's coefficients */
	int *first, *length;	/* of each output: its first input, number of inputs */
	int32_t *k;		/* (count, taps), zero beyond the length */
};

/* Along rows: equal heights; to->width is the count. Work space comes from the arena; the caller hands it back. */
void resize_pass_across(struct arena *a, const struct resize_pass *p, const struct image *to, const struct image *from);

/* Along columns: equal widths; to->height is the count. */
void resize_pass_down(const struct resize_pass *p, const struct image *to, const struct image *from);

#endif
