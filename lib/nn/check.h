/* check - the shape rule of an op: prints the shapes and aborts; outputs of a model that are not finite */
#ifndef NN_CHECK_H
#define NN_CHECK_H

#include "base/err.h"
#include "nn/tape.h"

#include <stdbool.h>

/* Abort with the op's name and the shapes of a, b, c (NULLs are left out) unless they `fit`. */
void check(bool fit, const char *op, const struct var *a, const struct var *b, const struct var *c);

/* Are the n values of an output ("the feature") finite? -1 and err(ERR_DATA): the weights are too large. */
int check_finite(const char *output, long n, const float *x) ERR_CHECK;

#endif
