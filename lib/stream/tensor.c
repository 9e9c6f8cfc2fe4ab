/* tensor - a type, a shape, and elements; the byte order of files */
#include "stream/tensor.h"
#include "base/err.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
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

bool
tensor_swapped(enum tensor_type type)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && table[type].width > 1;
}

void
tensor_swap(enum tensor_type type, void *bytes, size_t size)
{
	const size_t width = table[type].width;
	unsigned char *p, *end = (unsigned char *)bytes + size;

	if (!tensor_swapped(type))
		return;
	for (p = bytes; p < end; p += width) {
		size_t i;

		for (i = 0; i < width / 2; i++) {
			const unsigned char first = p[i];

			p[i] = p[width - 1 - i];
			p[width - 1 - i] = first;
		}
	}
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
		/* an empty tensor must have a valid shape, too: zeros count as ones */
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

/* binary16 (IEEE 754-2008): sign, 5 bits of exponent (bias 15), 10 bits of fraction. */
static double
half(uint16_t bits)
{
	int exponent = bits >> 10 & 31, fraction = bits & 1023;
	double magnitude;

	if (exponent == 31)
		magnitude = fraction ? NAN : INFINITY;
	else if (exponent == 0)
		magnitude = ldexp(fraction, -24);
	else
		magnitude = ldexp(fraction + 1024, exponent - 25);
	return bits >> 15 ? -magnitude : magnitude;
}

/* bfloat16: the upper half of a binary32. */
static double
brain(uint16_t bits)
{
	uint32_t wide = (uint32_t)bits << 16;
	float x;

	memcpy(&x, &wide, sizeof x);
	return (double)x;
}

double
tensor_element(const struct tensor *t, long i)
{
	const unsigned char *at = (const unsigned char *)t->data + (size_t)i * tensor_width(t->type);
	union {
		uint16_t u16;
		int16_t i16;
		uint32_t u32;
		int32_t i32;
		float f32;
		uint64_t u64;
		int64_t i64;
		double f64;
	} x;

	memcpy(&x, at, tensor_width(t->type));
	switch (t->type) {
	case TENSOR_U8:
	case TENSOR_BOOL: return at[0];
	case TENSOR_I8: return (signed char)at[0];
	case TENSOR_U16: return x.u16;
	case TENSOR_I16: return x.i16;
	case TENSOR_F16: return half(x.u16);
	case TENSOR_BF16: return brain(x.u16);
	case TENSOR_U32: return x.u32;
	case TENSOR_I32: return x.i32;
	case TENSOR_F32: return (double)x.f32;
	case TENSOR_U64: return (double)x.u64;
	case TENSOR_I64: return (double)x.i64;
	default: return x.f64;
	}
}

char *
tensor_element_text(const struct tensor *t, long i, char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)t->data + (size_t)i * tensor_width(t->type);
	double x = tensor_element(t, i);
	uint64_t bits = 0;

	memcpy(&bits, at, tensor_width(t->type));
	if (t->type == TENSOR_U64)
		snprintf(text, size, "%" PRIu64, bits);
	else if (t->type == TENSOR_I64)
		snprintf(text, size, "%" PRId64, (int64_t)bits);
	else if (!isfinite(x))
		snprintf(text, size, "null");
	else
		snprintf(text, size, t->type == TENSOR_F64 ? "%.17g" : "%.9g", x);
	return text;
}

void
summary_add(struct summary *s, const struct tensor *t)
{
	long i, n = tensor_count(t);

	for (i = 0; i < n; i++) {
		double x = tensor_element(t, i), before = x - s->mean;

		if (!isfinite(x)) {
			s->not_finite++;
			continue;
		}
		s->min = s->count == 0 || x < s->min ? x : s->min;
		s->max = s->count == 0 || x > s->max ? x : s->max;
		s->mean += before / (double)++s->count;
		s->squares += before * (x - s->mean);
	}
}

double
summary_std(const struct summary *s)
{
	return s->count ? sqrt(s->squares / (double)s->count) : 0;
}
