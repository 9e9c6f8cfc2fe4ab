/* split - the masks of a micro-batch as lists: patches the teacher sees, patches hidden from it */
#ifndef MODEL_SPLIT_H
#define MODEL_SPLIT_H

#include "nn/tape.h"

#include <stdint.h>

struct split {
	int n, P, V, M;	/* images; patches, seen, hidden of each */
	int *seen;	/* (n, V) patch numbers, ascending in an image */
	int *hidden;	/* (n, M) likewise */
};

/* Read `masks` (n, P; 1 = hidden). Every image must hide M patches (batch_put() has seen to it): asserts.
   The lists live in the tape's arena. */
struct split split_masks(struct tape *t, const uint8_t *masks, int n, int P, int M);

#endif
