/* check - the shape rule of an op: a broken program asserts, showing the shapes */
#ifndef NN_CHECK_H
#define NN_CHECK_H

#include "nn/tape.h"

/* Abort with the op's name and the shapes of a, b, c (NULLs are left out) unless `right`. */
void check(bool right, const char *op, const struct var *a, const struct var *b, const struct var *c);

#endif
