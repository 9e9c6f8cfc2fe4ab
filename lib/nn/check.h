/* check - the shape rule of an op: prints the shapes and aborts */
#ifndef NN_CHECK_H
#define NN_CHECK_H

#include "nn/tape.h"

#include <stdbool.h>

/* Abort with the op's name and the shapes of a, b, c (NULLs are left out) unless they `fit`. */
void check(bool fit, const char *op, const struct var *a, const struct var *b, const struct var *c);

#endif
