/* noise - the random numbers of a training step: one stream for each image and purpose

   A function of (seed, step, purpose, key) alone, so that neither the order, the micro-batches nor the
   threads change what is drawn. */
#ifndef MODEL_NOISE_H
#define MODEL_NOISE_H

#include "nn/op.h"

enum { NOISE_KEY_SIZE = 256 };	/* room for a record's key */

struct noise {
	uint64_t seed;
	long step;
	const char (*keys)[NOISE_KEY_SIZE];	/* of the images of this micro-batch */
};

/* The streams of `n` images for one purpose, in the tape's arena. */
const struct rng *noise_streams(const struct noise *s, struct tape *t, int n, const char *purpose_format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
