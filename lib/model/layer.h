/* layer - a weight and its bias, or a norm's gamma and beta: declared and used together */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include "nn/op.h"
#include "nn/params.h"

struct layer {
	int w, b;	/* ids of parameters */
};

/* Declare NAME.weight (out, in) and NAME.bias (out), and a norm's NAME.weight = 1 and NAME.bias = 0 (D). */
struct layer layer_linear(struct params *p, int out, int in, const char *name_format, ...) __attribute__((format(printf, 4, 5)));
struct layer layer_norm(struct params *p, int D, const char *name_format, ...) __attribute__((format(printf, 3, 4)));

/* act(x w' + b); residual + x w' + b; the layer norm of x. */
struct var *layer_forward(struct tape *t, struct var *x, struct layer l, enum act act);
struct var *layer_forward_add(struct tape *t, struct var *x, struct layer l, struct var *residual);
struct var *layer_norm_forward(struct tape *t, struct var *x, struct layer n, float eps);

#endif
