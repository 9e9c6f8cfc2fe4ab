/* patch_mask - which patches of a grid the teacher does not see

   V = floor(P (1 - ratio)) patches are seen, M = P - V hidden, exactly, in every image: the batch is dense. */
#ifndef TRANSFORM_PATCH_MASK_H
#define TRANSFORM_PATCH_MASK_H

#include "base/rng.h"

#include <stdint.h>

enum patch_mask_kind {
	PATCH_MASK_RANDOM,	/* seen: the V patches with the smallest of P random words, ties to the lower index (MAE's shuffle and cut) */
	PATCH_MASK_BLOCK,	/* hidden: rectangles until M is reached, the last one cut (Bao, Dong, Piao, Wei, "BEiT", 2022, algorithm 1) */
	PATCH_MASK_GRID	/* seen: a regular lattice of V patches, shifted at random as a torus (He et al. 2022, figure 6, with a shift) */
};

/* V of P patches. */
int patch_mask_visible(int P, double ratio);

/* Is there such a mask? -1 and err(ERR_USAGE): nothing to see or to hide, or no lattice of V patches whose
   steps down and across differ by at most a factor of 2. */
int patch_mask_check(enum patch_mask_kind kind, int rows, int columns, double ratio);

/* Fill mask (rows, columns) with 1 = hidden, 0 = seen, for arguments that patch_mask_check() passes. */
void patch_mask_make(enum patch_mask_kind kind, int rows, int columns, double ratio, struct rng *r, uint8_t *mask);

#endif
