/* mask_index - the patches of each image that the teacher sees, that the student sees, and that the decoder predicts

   The mask of a record divides the P patches into V that the teacher sees and M that are masked from it. The student
   sees K of those M, and the decoder predicts Q of them. Both subsets are the beginning of one random order of the M
   patches, a function of (seed, step, key), so that the smaller one is a part of the larger one. */
#ifndef MODEL_MASK_INDEX_H
#define MODEL_MASK_INDEX_H

#include "model/layer.h"
#include "nn/tape.h"

#include <stdint.h>

/* Patch indices of a micro-batch, ascending in each image. */
struct mask_index {
	int n, P, V, M;			/* images; patches, visible and masked patches of each */
	int K, Q;			/* patches that the student sees; that the decoder predicts */
	const int *visible;		/* (n, V) */
	const int *masked;		/* (n, M) */
	const int *student;		/* (n, K), of the masked ones */
	const int *predicted;		/* (n, Q), of the masked ones */
	const int *common;		/* (n, min(K, Q)) places of the smaller list's patches in the larger list */
};

/* Build the lists from `masks` (n, P; 1 = masked) in the tape's arena; K = Q = M: the student sees and the decoder
   predicts all masked patches. Every image has M masked patches (batch_put() checks it): asserts. */
struct mask_index mask_index_build(struct tape *t, const uint8_t *masks, int n, int P, int M);

/* Draw the K patches of the student and the Q patches to predict, each from 1 to M. */
void mask_index_draw(struct mask_index *m, struct tape *t, int K, int Q, const struct noise *noise);

#endif
