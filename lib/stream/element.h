/* element - one element of a tensor as a number, whatever the type */
#ifndef STREAM_ELEMENT_H
#define STREAM_ELEMENT_H

#include "stream/tensor.h"

/* Element i (row-major) as a double; 64-bit integers beyond 2^53 are rounded. */
double element_real(const struct tensor *t, long i);

/* Element i as JSON has it, exact: whole numbers as they are, reals with digits enough to be read back, what is not
   finite as null. Writes to `text` of `size` bytes (32 are enough), returns it. */
char *element_show(const struct tensor *t, long i, char *text, size_t size);

#endif
