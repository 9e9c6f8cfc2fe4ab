/* kernel - choice of the instruction set, and calls of its kernels */
#include "kernel/kernel.h"
#include "kernel/kernel_set.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static bool
always(void)
{
	return true;
}

#if defined __x86_64__
static bool
has_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool
has_avx512(void)
{
	return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
		__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

/* best first */
static const struct choice {
	const struct kernel_set *set;
	bool (*supported)(void);
} choices[] = {
#if defined __x86_64__
	{ &kernel_set_avx512, has_avx512 },
	{ &kernel_set_avx2, has_avx2 },
#endif
	{ &kernel_set_baseline, always },
};

static _Atomic(const struct kernel_set *) chosen;

/* the set of that name, or the best one (isa NULL); NULL if this CPU cannot run it */
static const struct kernel_set *
find(const char *isa)
{
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		if ((!isa || strcmp(isa, choices[i].set->isa) == 0) && choices[i].supported())
			return choices[i].set;
	return NULL;
}

/* The set in use. Two threads that choose at the same time choose the same set. */
static const struct kernel_set *
set(void)
{
	const struct kernel_set *s = atomic_load_explicit(&chosen, memory_order_relaxed);

	if (!s) {
		s = find(getenv("TSCAE_ISA"));
		s = s ? s : find(NULL);
		atomic_store(&chosen, s);
	}
	return s;
}

const char *
kernel_isa(void)
{
	return set()->isa;
}

int
kernel_exists(const char *isa)
{
	size_t i;

	for (i = 0; i < sizeof choices / sizeof *choices; i++)
		if (strcmp(choices[i].set->isa, isa) == 0)
			return 1;
	return 0;
}

int
kernel_use(const char *isa)
{
	const struct kernel_set *s = find(isa);

	if (!s)
		return -1;
	atomic_store(&chosen, s);
	return 0;
}

void
kernel_fill_rows(int rows, int n, const float *b, float *y)
{
	for (long r = 0; r < rows; r++)
		if (b)
			memcpy(y + r * n, b, (size_t)n * sizeof *y);
		else
			memset(y + r * n, 0, (size_t)n * sizeof *y);
}

void
kernel_axpy(long n, float a, const float *x, float *y)
{
	set()->axpy(n, a, x, y);
}

void
kernel_scale(long n, float a, float *x)
{
	set()->scale(n, a, x);
}

void
kernel_bf16(long n, const float *x, uint16_t *y)
{
	set()->bf16(n, x, y);
}

double
kernel_sum(long n, const float *x)
{
	return set()->sum(n, x);
}

double
kernel_square(long n, const float *x)
{
	return set()->square(n, x);
}

double
kernel_dot(long n, const float *a, const float *b)
{
	return set()->dot(n, a, b);
}

double
kernel_distance(long n, const float *a, const float *b)
{
	return set()->distance(n, a, b);
}

void
kernel_add_rows(int rows, long n, const float *x, const float *b, float *y)
{
	set()->add_rows(rows, n, x, b, y);
}

void
kernel_gelu(long n, const float *z, float *y, float *d)
{
	set()->gelu(n, z, y, d);
}

void
kernel_relu(long n, const float *x, float *y)
{
	set()->relu(n, x, y);
}

void
kernel_columns(int rows, int n, const float *g, float *db)
{
	set()->columns(rows, n, g, db);
}

void
kernel_columns_by(int rows, int n, float *g, const float *d, float *db)
{
	set()->columns_by(rows, n, g, d, db);
}

void
kernel_columns_where(int rows, int n, float *g, const float *y, float *db)
{
	set()->columns_where(rows, n, g, y, db);
}

void
kernel_softmax(int rows, int K, int ld, float *s, float scale, const float *bias)
{
	set()->softmax(rows, K, ld, s, scale, bias);
}

void
kernel_softmax_back(int rows, int K, int ld, const float *p, float *dp, float scale)
{
	set()->softmax_back(rows, K, ld, p, dp, scale);
}

void
kernel_norm(int rows, int D, const float *x, const float *gamma, const float *beta, float eps, float *y, float *stat)
{
	set()->norm(rows, D, x, gamma, beta, eps, y, stat);
}

void
kernel_norm_back(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy, float *dx,
	int add, float *dgamma, float *dbeta)
{
	set()->norm_back(rows, D, x, gamma, stat, dy, dx, add, dgamma, dbeta);
}

int
kernel_packs(int O)
{
	return O % set()->width == 0;
}

void
kernel_pack(int O, int I, const float *w, float *to)
{
	set()->pack(O, I, w, to);
}

void
kernel_linear(int R, int O, int I, const float *x, const float *w, float *y)
{
	set()->linear(R, O, I, x, w, y);
}

int
kernel_head_stride(int K, int d)
{
	int width = set()->width;

	return d % width == 0 ? (K + width - 1) / width * width : 0;
}

void
kernel_head(const struct kernel_head *h, float scale, const float *bias, float *p, float *work)
{
	set()->head(h, scale, bias, p, work);
}

void
kernel_head_back(const struct kernel_head *h, float scale, const float *p, float *work)
{
	set()->head_back(h, scale, p, work);
}
