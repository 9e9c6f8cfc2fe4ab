/* pair - a weight and its bias, or a norm's gamma and beta: declared and used together */
#ifndef MODEL_PAIR_H
#define MODEL_PAIR_H

#include "nn/op.h"
#include "nn/params.h"

struct pair {
	int w, b;	/* ids of parameters */
};

/* Declare NAME.weight (out, in) and NAME.bias (out), and a norm's NAME.weight = 1 and NAME.bias = 0 (D). */
struct pair pair_matrix(struct params *p, int out, int in, const char *name_format, ...) __attribute__((format(printf, 4, 5)));
struct pair pair_norm(struct params *p, int D, const char *name_format, ...) __attribute__((format(printf, 3, 4)));

/* act(x w' + b); residual + x w' + b; the layer norm of x. */
struct var *pair_linear(struct tape *t, struct var *x, struct pair l, enum act act);
struct var *pair_linear_add(struct tape *t, struct var *x, struct pair l, struct var *residual);
struct var *pair_normed(struct tape *t, struct var *x, struct pair n, float eps);

#endif
