/* tensor - a type, a shape, and bytes: row-major, dense, little-endian */
#include "stream/tensor.h"
#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const struct { size_t width; const char *text, *name; } table[TENSOR_TYPES] = {
	[TENSOR_U8] = { 1, "|u1", "U8" }, [TENSOR_I8] = { 1, "|i1", "I8" }, [TENSOR_BOOL] = { 1, "|b1", "BOOL" },
	[TENSOR_U16] = { 2, "<u2", "U16" }, [TENSOR_I16] = { 2, "<i2", "I16" },
	[TENSOR_F16] = { 2, "<f2", "F16" }, [TENSOR_BF16] = { 2, NULL, "BF16" },
	[TENSOR_U32] = { 4, "<u4", "U32" }, [TENSOR_I32] = { 4, "<i4", "I32" }, [TENSOR_F32] = { 4, "<f4", "F32" },
	[TENSOR_U64] = { 8, "<u8", "U64" }, [TENSOR_I64] = { 8, "<i8", "I64" }, [TENSOR_F64] = { 8, "<f8", "F64" }
};

size_t
tensor_width(enum tensor_type type)
{
	return table[type].width;
}

const char *
tensor_text(enum tensor_type type)
{
	return table[type].text;
}

int
tensor_from_text(const char *text, size_t n)
{
	int i;

	for (i = 0; i < TENSOR_TYPES; i++)
		if (table[i].text && n == 3 && memcmp(text, table[i].text, 3) == 0)
			return i;
	return -1;
}

const char *
tensor_name(enum tensor_type type)
{
	return table[type].name;
}

int
tensor_from_name(const char *name)
{
	int i;

	for (i = 0; i < TENSOR_TYPES; i++)
		if (strcmp(name, table[i].name) == 0)
			return i;
	return -1;
}

long
tensor_count(const struct tensor *t)
{
	long n = 1;
	int i;

	for (i = 0; i < t->rank; i++)
		n *= t->shape[i];
	return n;
}

size_t
tensor_bytes(const struct tensor *t)
{
	return (size_t)tensor_count(t) * tensor_width(t->type);
}

int
tensor_check(const struct tensor *t, size_t limit)
{
	size_t bytes = tensor_width(t->type);
	int i, empty = 0;

	if (t->rank < 0 || t->rank > TENSOR_RANK_MAX)
		return err(ERR_DATA, "a tensor of rank %d (at most %d)", t->rank, TENSOR_RANK_MAX);
	for (i = 0; i < t->rank; i++) {
		if (t->shape[i] < 0 || t->shape[i] > INT32_MAX)
			return err(ERR_DATA, "a tensor with a dimension of %ld", t->shape[i]);
		empty |= t->shape[i] == 0;
		/* an empty tensor must still have a sound shape: zeros count as ones here */
		if (__builtin_mul_overflow(bytes, (size_t)(t->shape[i] ? t->shape[i] : 1), &bytes))
			return err(ERR_DATA, "a tensor whose size overflows");
	}
	if (!empty && bytes > limit)
		return err(ERR_DATA, "a tensor of %zu bytes (at most %zu)", bytes, limit);
	return 0;
}

char *
tensor_show(const struct tensor *t, char *text, size_t size)
{
	int i, n = snprintf(text, size, "%s ", table[t->type].name);

	for (i = 0; i < t->rank && n >= 0 && (size_t)n < size; i++)
		n += snprintf(text + n, size - (size_t)n, i ? "x%ld" : "%ld", t->shape[i]);
	if (t->rank == 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, "scalar");
	return text;
}
