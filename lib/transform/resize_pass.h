/* resize_pass - the two inner loops of resizing, along rows and along columns */
#ifndef TRANSFORM_RESIZE_PASS_H
#define TRANSFORM_RESIZE_PASS_H

#include "codec/image.h"

/* Fractional bits of a coefficient: 32 less 8 of a sample less 2 for what bicubic overshoots (Pillow). */
enum { RESIZE_PASS_BITS = 32 - 8 - 2 };

struct resize_pass {
	int count;		/* outputs */
	int taps;		/* room for each output's coefficients */
	int *first, *length;	/* first input of each output, and how many */
	int32_t *k;		/* (count, taps), zero beyond the length */
};

/* Along rows: heights agree; to->width is the pass's count. Work space from the arena stays taken. */
void resize_pass_across(struct arena *a, const struct resize_pass *p, const struct image *to, const struct image *from);

/* Along columns: widths agree; to->height is the pass's count. */
void resize_pass_down(const struct resize_pass *p, const struct image *to, const struct image *from);

#endif
