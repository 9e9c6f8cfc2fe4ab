/* split - the masks of a micro-batch as lists: patches the teacher sees, patches hidden from it */
#ifndef MODEL_SPLIT_H
#define MODEL_SPLIT_H

#include "nn/tape.h"

#include <stdint.h>

struct mask_index {
	int n, P, V, M;	/* images; patches, seen, hidden of each */
	int *visible;	/* (n, V) patch numbers, ascending in an image */
	int *masked;	/* (n, M) likewise */
};

/* Read `masks` (n, P; 1 = hidden). Every image must hide M patches (batch_put() has seen to it): asserts.
   The lists live in the tape's arena. */
struct mask_index mask_index_build(struct tape *t, const uint8_t *masks, int n, int P, int M);

#endif
