/* kernel_rows - sums, row and column operations; compiled for each instruction set

   Column sums take four rows at a time, so that the sum of a column is read and written once for them.
   Sums in double have 16 lanes in every set: all sets give the same bits. */
#ifndef KERNEL_KERNEL_ROWS_H
#define KERNEL_KERNEL_ROWS_H

#include "kernel/kernel_vector.h"

#include <stdint.h>
#include <string.h>

enum { LANES = 16, BLOCK = 4 };
typedef uint32_t bits __attribute__((vector_size(KERNEL_WIDTH * 4)));
typedef uint16_t half __attribute__((vector_size(KERNEL_WIDTH * 2)));
typedef float wide __attribute__((vector_size(64)));
typedef double wide_double __attribute__((vector_size(128)));

static void
axpy(long n, float a, const float *x, float *y)
{
	for (long i = 0; i < n; i += W) {
		int lanes = n - i < W ? (int)(n - i) : W;

		store_n(y + i, lanes, fma_(all(a), load_n(x + i, lanes, 0), load_n(y + i, lanes, 0)));
	}
}

static void
scale_by(long n, float a, float *x)
{
	for (long i = 0; i < n; i += W) {
		int lanes = n - i < W ? (int)(n - i) : W;

		store_n(x + i, lanes, load_n(x + i, lanes, 0) * a);
	}
}

static inline half
to_bf16(vf x)
{
	const bits v = (bits)x, nan = (bits)((v & 0x7fffffff) > 0x7f800000), even = v + 0x7fff + (v >> 16 & 1);

	return __builtin_convertvector(((nan & (v | 0x400000)) | (~nan & even)) >> 16, half);
}

static void
bf16(long n, const float *x, uint16_t *y)
{
	long i = 0;
	half h;

	for (; i + W <= n; i += W) {
		h = to_bf16(load(x + i));
		memcpy(y + i, &h, sizeof h);
	}
	if (i < n) {
		h = to_bf16(load_n(x + i, (int)(n - i), 0));
		memcpy(y + i, &h, (size_t)(n - i) * sizeof *y);
	}
}

enum sums { SUM, SQUARE, DOT, DISTANCE };

/* add the terms of the first `lanes` lanes */
static inline __attribute__((always_inline)) void
sum_step(enum sums kind, long lanes, const float *a, const float *b, wide_double *to)
{
	wide va = { 0 }, vb = { 0 };
	wide_double x, y;

	memcpy(&va, a, (size_t)lanes * sizeof *a);
	memcpy(&vb, b, (size_t)lanes * sizeof *b);
	x = __builtin_convertvector(kind == DISTANCE ? va - vb : va, wide_double);
	y = __builtin_convertvector(vb, wide_double);
	*to += kind == SUM ? x : kind == DOT ? x * y : x * x;
}

static inline __attribute__((always_inline)) double
sum_double(enum sums kind, long n, const float *a, const float *b)
{
	wide_double all_lanes = { 0 };
	double total = 0;
	long i = 0;

	for (; i + LANES <= n; i += LANES)
		sum_step(kind, LANES, a + i, b + i, &all_lanes);
	if (i < n)
		sum_step(kind, n - i, a + i, b + i, &all_lanes);
	for (i = 0; i < LANES; i++)
		total += all_lanes[i];
	return total;
}

static double
sum(long n, const float *x)
{
	return sum_double(SUM, n, x, x);
}

static double
square(long n, const float *x)
{
	return sum_double(SQUARE, n, x, x);
}

static double
dot(long n, const float *a, const float *b)
{
	return sum_double(DOT, n, a, b);
}

static double
distance(long n, const float *a, const float *b)
{
	return sum_double(DISTANCE, n, a, b);
}

static void
add_rows(int rows, long n, const float *x, const float *b, float *y)
{
	for (int r = 0; r < rows; r++, x += n, y += n)
		for (long i = 0; i < n; i += W) {
			const int lanes = n - i < W ? (int)(n - i) : W;
			const vf v = load_n(x + i, lanes, 0);

			store_n(y + i, lanes, b ? v + load_n(b + i, lanes, 0) : v);
		}
}

static void
relu(long n, const float *x, float *y)
{
	for (long i = 0; i < n; i += W) {
		int lanes = n - i < W ? (int)(n - i) : W;

		store_n(y + i, lanes, max_(all(0), load_n(x + i, lanes, 0)));
	}
}

enum columns { PLAIN, BY, WHERE };

/* `rows` rows (a constant) of g; adds the sum of each column to db */
static inline __attribute__((always_inline)) void
columns_block(enum columns kind, int rows, int n, float *out, const float *g, const float *d, float *db)
{
	for (int i = 0; i < n; i += W) {
		vf s = all(0);

		for (long r = 0; r < rows; r++) {
			vf v = load_n(g + r * n + i, n - i, 0);

			if (kind == BY)
				v *= load_n(d + r * n + i, n - i, 0);
			if (kind == WHERE)
				v = keep(load_n(d + r * n + i, n - i, 0) > all(0), v);
			if (kind != PLAIN)
				store_n(out + r * n + i, n - i, v);
			s += v;
		}
		if (db)
			store_n(db + i, n - i, load_n(db + i, n - i, 0) + s);
	}
}

static inline __attribute__((always_inline)) void
columns_of(enum columns kind, int rows, int n, float *out, const float *g, const float *d, float *db)
{
	int r = 0;

	for (; r + BLOCK <= rows; r += BLOCK)
		columns_block(kind, BLOCK, n, out + (long)r * n, g + (long)r * n, d + (long)r * n, db);
	for (; r < rows; r++)
		columns_block(kind, 1, n, out + (long)r * n, g + (long)r * n, d + (long)r * n, db);
}

static void
columns(int rows, int n, const float *g, float *db)
{
	/* PLAIN neither writes `out` nor reads `d`: any pointer will do */
	if (db)
		columns_of(PLAIN, rows, n, db, g, g, db);
}

static void
columns_by(int rows, int n, float *g, const float *d, float *db)
{
	columns_of(BY, rows, n, g, g, d, db);
}

static void
columns_where(int rows, int n, float *g, const float *y, float *db)
{
	columns_of(WHERE, rows, n, g, g, y, db);
}

#endif
