/* tensor - a type, a shape, and elements: row-major, dense; little-endian in files, the processor's order in memory */
#ifndef STREAM_TENSOR_H
#define STREAM_TENSOR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { TENSOR_RANK_MAX = 8 };

/* Element types by width: 1, 2, 4, 8 bytes. */
enum tensor_type {
	TENSOR_U8, TENSOR_I8, TENSOR_BOOL,
	TENSOR_U16, TENSOR_I16, TENSOR_F16, TENSOR_BF16,
	TENSOR_U32, TENSOR_I32, TENSOR_F32,
	TENSOR_U64, TENSOR_I64, TENSOR_F64,
	TENSOR_TYPES
};

struct tensor {
	enum tensor_type type;
	int rank;			/* 0 (a scalar) .. TENSOR_RANK_MAX */
	long shape[TENSOR_RANK_MAX];	/* 0 .. 2^31-1 each; unused ones are 0 */
	void *data;			/* tensor_bytes() bytes; their owner is the maker of the tensor */
};

/* Bytes of one element. */
size_t tensor_width(enum tensor_type type);

/* numpy's type text ("|u1", "<f4"); BF16 has none and gives NULL. */
const char *tensor_text(enum tensor_type type);

/* The type of a numpy text (length n, not zero-terminated), -1 if it is not supported
   (big-endian and object types are not). */
int tensor_from_text(const char *text, size_t n);

/* safetensors' name ("U8", "F32"), and its inverse (-1: unknown). */
const char *tensor_name(enum tensor_type type);
int tensor_from_name(const char *name);

/* Whether elements of this type have another byte order in memory than in a file: they are wider than a byte, and the
   processor is big-endian. */
bool tensor_swapped(enum tensor_type type);

/* Turn elements from the byte order of files into that of memory, or back, in place; where the orders are equal,
   nothing is done. `size`: bytes, a multiple of the width. */
void tensor_swap(enum tensor_type type, void *bytes, size_t size);

/* Elements and bytes of a tensor with a valid shape. */
long tensor_count(const struct tensor *t);
size_t tensor_bytes(const struct tensor *t);

/* Check a shape that comes from outside: rank and dimensions in range, the product and the bytes without overflow
   and at most `limit` bytes. 0, or -1 and err(ERR_DATA). */
int tensor_check(const struct tensor *t, size_t limit) ERR_CHECK;

/* "U8 224x224x3": for messages. Writes to `text` of `size` bytes, returns it. */
char *tensor_show(const struct tensor *t, char *text, size_t size);

/* Element i (row-major) as a double; 64-bit integers beyond 2^53 are rounded. */
double tensor_element(const struct tensor *t, long i);

/* Element i as an exact JSON number: reals with as many digits as bring back the same value; null where it is not
   finite. Writes to `text` of `size` bytes (32 are enough), returns it. */
char *tensor_element_text(const struct tensor *t, long i, char *text, size_t size);

/* Running statistics of elements; begin with { 0 }. */
struct summary {
	long count;		/* finite numbers */
	long not_finite;	/* infinities and NaNs */
	double min, max, mean;	/* of the finite ones */
	double squares;		/* sum of squared distances from the mean (Welford, Technometrics 4, 1962) */
};

/* Add all elements of a tensor. */
void summary_add(struct summary *s, const struct tensor *t);

/* Standard deviation (divided by the count); 0 where the count is 0. */
double summary_std(const struct summary *s);

#endif
