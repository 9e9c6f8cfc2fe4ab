/* layer - linear layers, layer norms and the random streams of dropout: what the blocks are made of */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdint.h>

/* The parameters of a linear layer, or gamma and beta of a layer norm. */
struct layer {
	int w, b;	/* ids of parameters */
};

/* Declare a linear layer: NAME.weight (out, in), NAME.bias (out). */
struct layer layer_linear(struct params *p, int out, int in, const char *name_format,
	...) __attribute__((format(printf, 4, 5)));

/* Declare a layer norm: NAME.weight (D) = 1, NAME.bias (D) = 0. */
struct layer layer_norm(struct params *p, int D, const char *name_format, ...) __attribute__((format(printf, 3, 4)));

/* act(x w' + b); residual + x w' + b; the layer norm of x. */
struct var *layer_forward(struct tape *t, struct var *x, struct layer l, enum act act);
struct var *layer_forward_add(struct tape *t, struct var *x, struct layer l, struct var *residual);
struct var *layer_norm_forward(struct tape *t, struct var *x, struct layer n, float eps);

enum { NOISE_KEY_SIZE = 256 };	/* bytes for a record's key */

/* The random numbers of a training step. They are a function of (seed, step, purpose, key) alone: the order of the
   images, the micro-batch size and the number of threads do not change them. */
struct noise {
	uint64_t seed;
	long step;
	const char (*keys)[NOISE_KEY_SIZE];	/* of the images of this micro-batch */
};

/* One random stream for each of `n` images, for one purpose; allocated in the tape's arena. */
const struct rng *noise_streams(const struct noise *s, struct tape *t, int n, const char *purpose_format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
