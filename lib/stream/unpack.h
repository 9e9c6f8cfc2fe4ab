/* unpack - decode complete, bounded objects by MessagePack-C */
#ifndef STREAM_UNPACK_H
#define STREAM_UNPACK_H

#include "base/err.h"
#include "base/mem.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stddef.h>
#include <stdint.h>

struct unpack;

struct unpack *unpack_new(void);
void unpack_free(struct unpack *u);

/* Decode one object that is not a tensor. Texts go to the arena; a raw value borrows `bytes`.
   -1 and err(ERR_DATA) for an object that contains, at any depth, one that Python's reader unpickles. */
int unpack_value(struct unpack *u, const void *bytes, size_t size, struct arena *a, struct value *v) ERR_CHECK;

/* Read [dimension, ...] into rank and shape; the caller calls tensor_check(). -1 and err(ERR_DATA). */
int unpack_shape(struct unpack *u, const void *bytes, size_t size, struct tensor *t) ERR_CHECK;

/* Declare the fields of [[name, type, shape], ...] in a header. -1 and err(ERR_DATA). */
int unpack_fields(struct unpack *u, const void *bytes, size_t size, struct header *h) ERR_CHECK;

/* Read the end array. -1 and err(ERR_DATA). */
int unpack_end(struct unpack *u, const void *bytes, size_t size, uint64_t *count, uint64_t *digest) ERR_CHECK;

#endif
