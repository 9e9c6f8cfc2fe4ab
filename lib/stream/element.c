/* element - one element of a tensor as a number, whatever the type

   Half floats: sign, exponent (5 bits, bias 15), fraction (10 bits); IEEE 754-2008, binary16. bfloat16 is the upper
   half of a binary32. */
#include "stream/element.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

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

static double
brain(uint16_t bits)
{
	uint32_t wide = (uint32_t)bits << 16;
	float x;

	memcpy(&x, &wide, sizeof x);
	return (double)x;
}

double
element_real(const struct tensor *t, long i)
{
	const unsigned char *at = (const unsigned char *)t->data + (size_t)i * tensor_width(t->type);
	union { uint16_t u16; int16_t i16; uint32_t u32; int32_t i32; float f32; uint64_t u64; int64_t i64; double f64; } x;

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
element_show(const struct tensor *t, long i, char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)t->data + (size_t)i * tensor_width(t->type);
	double x = element_real(t, i);
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
