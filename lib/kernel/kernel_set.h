/* kernel_set - the kernels of one instruction set (documented in kernel.h) */
#ifndef KERNEL_KERNEL_SET_H
#define KERNEL_KERNEL_SET_H

#include <stdint.h>

struct kernel_head;

struct kernel_set {
	const char *isa;	/* name of the instruction set */
	int width;		/* floats in a vector */
	void (*axpy)(long n, float a, const float *x, float *y);
	void (*scale)(long n, float a, float *x);
	void (*bf16)(long n, const float *x, uint16_t *y);
	double (*sum)(long n, const float *x);
	double (*square)(long n, const float *x);
	double (*dot)(long n, const float *a, const float *b);
	double (*distance)(long n, const float *a, const float *b);
	void (*add_rows)(int rows, long n, const float *x, const float *b, float *y);
	void (*gelu)(long n, const float *z, float *y, float *d);
	void (*relu)(long n, const float *x, float *y);
	void (*columns)(int rows, int n, const float *g, float *db);
	void (*columns_by)(int rows, int n, float *g, const float *d, float *db);
	void (*columns_where)(int rows, int n, float *g, const float *y, float *db);
	void (*softmax)(int rows, int K, int ld, float *s, float scale, const float *bias);
	void (*softmax_back)(int rows, int K, int ld, const float *p, float *dp, float scale);
	void (*norm)(int rows, int D, const float *x, const float *gamma, const float *beta, float eps, float *y,
		float *stat);
	void (*norm_back)(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy,
		float *dx, int add, float *dgamma, float *dbeta);
	void (*pack)(int O, int I, const float *w, float *to);
	void (*linear)(int R, int O, int I, const float *x, const float *w, float *y);
	void (*head)(const struct kernel_head *h, float scale, const float *bias, float *p, float *work);
	void (*head_back)(const struct kernel_head *h, float scale, const float *p, float *work);
};

/* The functions of kernel_head.h, kernel_math.h, kernel_matmul.h, kernel_norm.h and kernel_rows.h, in the order of
   the members. */
#define KERNEL_SET(isa) { \
	isa, W, axpy, scale_by, bf16, sum, square, dot, distance, add_rows, gelu, relu, columns, columns_by, \
	columns_where, softmax, softmax_back, norm, norm_back, pack, linear, head, head_back \
}

extern const struct kernel_set kernel_set_baseline;	/* every CPU */
#if defined __x86_64__
extern const struct kernel_set kernel_set_avx2, kernel_set_avx512;
#endif

#endif
