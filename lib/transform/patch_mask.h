/* patch_mask - the patches of a grid that are masked from the teacher

   V = floor(P (1 - ratio)) patches are visible, M = P - V masked, exactly, in every image: the batch is dense. */
#ifndef TRANSFORM_PATCH_MASK_H
#define TRANSFORM_PATCH_MASK_H

#include "base/err.h"
#include "base/opt.h"
#include "base/rng.h"
#include "stream/record.h"

#include <stdint.h>

/* random: the V patches with the smallest of P random words are visible, ties to the lower index (MAE's argsort)
   block:  rectangles are masked until M is reached, the last one cut (Bao, Dong, Piao, Wei, "BEiT", 2022, algorithm 1)
   grid:   a regular lattice of V patches is visible, shifted at random as a torus (He et al. 2022, figure 6) */
#define PATCH_MASK_KINDS(X) X(PATCH_MASK_RANDOM, "random") X(PATCH_MASK_BLOCK, "block") X(PATCH_MASK_GRID, "grid")
enum patch_mask_kind { PATCH_MASK_KINDS(OPT_CONSTANT) };

/* V, the number of visible ones of P patches. */
int patch_mask_visible(int P, double ratio);

/* Check that such a mask exists. -1 and err(ERR_USAGE): no patch would be visible or masked, or no lattice of V
   patches has vertical and horizontal steps within a factor of 2; err(ERR_DATA): too many patches. */
int patch_mask_check(enum patch_mask_kind kind, int rows, int columns, double ratio) ERR_CHECK;

/* Fill mask (rows, columns) with 1 = masked, 0 = visible, for arguments that patch_mask_check() accepts. */
void patch_mask_make(enum patch_mask_kind kind, int rows, int columns, double ratio, struct rng *r, uint8_t *mask);

/* The mask ratio in the header of a masked stream. 1: *ratio is set; 0: there is none; -1 and err(ERR_DATA): it is not
   a number from 0 to below 1. */
int patch_mask_ratio(const struct header *h, double *ratio) ERR_CHECK;

#endif
