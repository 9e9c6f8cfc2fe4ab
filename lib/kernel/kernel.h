/* kernel - vectorized loops that BLAS does not have

   One source, compiled once per instruction set (kernel_set.h). The first call chooses the best set that the CPU
   supports, or that of TSCAE_ISA (baseline, avx2, avx512; the best one where the CPU cannot run it: kernel_isa()).
   All sums have a fixed order. NaN and infinity propagate. Rows are dense unless a stride is given. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

#include <stdint.h>

/* "avx512", "avx2" or "baseline": the instruction set in use. */
const char *kernel_isa(void);
/* 1 if a set of that name exists, whether this CPU can run it or not. */
int kernel_exists(const char *isa);
/* Use that set; for tests and measurements, before other threads compute. -1: this CPU cannot run it. */
int kernel_use(const char *isa);

/* y = a * x + y; x = a * x. */
void kernel_axpy(long n, float a, const float *x, float *y);
void kernel_scale(long n, float a, float *x);
/* y = the nearest bfloat16 of x (the upper 16 bits of a float), ties to even; NaN stays NaN. */
void kernel_bf16(long n, const float *x, uint16_t *y);
/* Sum, and sum of squares, in double. */
double kernel_sum(long n, const float *x);
double kernel_square(long n, const float *x);
/* <a, b>, and |a - b|^2 (each difference in single precision), in double. */
double kernel_dot(long n, const float *a, const float *b);
double kernel_distance(long n, const float *a, const float *b);

/* Each row of y (rows, n) = b; y = x + b. b NULL: zeros. */
void kernel_fill_rows(int rows, int n, const float *b, float *y);
void kernel_add_rows(int rows, long n, const float *x, const float *b, float *y);

/* y = gelu(z) (erf form); d, if not NULL, its derivative. y or d may be z. */
void kernel_gelu(long n, const float *z, float *y, float *d);
/* y = max(x, 0), NaN stays NaN; y may be x. */
void kernel_relu(long n, const float *x, float *y);

/* Column sums: db (n), if not NULL, += sum over the rows of g (rows, n). Before that _by computes g *= d, _where g =
   y > 0 ? g : 0. */
void kernel_columns(int rows, int n, const float *g, float *db);
void kernel_columns_by(int rows, int n, float *g, const float *d, float *db);
void kernel_columns_where(int rows, int n, float *g, const float *y, float *db);

/* s (rows, K; row stride ld) = softmax(scale * s + bias) of each row; bias (K) or NULL. */
void kernel_softmax(int rows, int K, int ld, float *s, float scale, const float *bias);
/* dp = scale * p * (dp - <dp, p>) of each row: gradient of the scores from the gradient of the weights. */
void kernel_softmax_back(int rows, int K, int ld, const float *p, float *dp, float scale);

/* Layer norm of the rows of x (rows, D): y = (x - mean) * rstd * gamma + beta; stat (rows, 2) receives mean and rstd
   of each row. Backward: dx = (+= if `add`) the gradient of x, NULL: none; dgamma and dbeta (D, NULL: none) +=. */
void kernel_norm(int rows, int D, const float *x, const float *gamma, const float *beta, float eps, float *y,
	float *stat);
void kernel_norm_back(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy,
	float *dx, int add, float *dgamma, float *dbeta);

/* y (R, O) += x (R, I) w' for weights w packed by kernel_pack(): (O, I) -> as many numbers in another order, for the
   set in use. O is a multiple of the vector width: kernel_packs(). Each row of y depends on its row of x alone, to
   the bit. */
int kernel_packs(int O);
void kernel_pack(int O, int I, const float *w, float *to);
void kernel_linear(int R, int O, int I, const float *x, const float *w, float *y);

/* Attention of one image and head that fits in the cache. kernel_head_stride: row stride of p for K keys; 0 where d
   is not a multiple of the vector width and these functions do not apply. work: d * stride floats, backward (d + L) *
   stride. */
struct kernel_head {
	int L, K, d;			/* queries, keys, columns of the head */
	long ldq, ldk, ldv, ldy;	/* row strides of q and dq, k and dk, v and dv, y */
	const float *q, *k, *v;		/* (L, d), (K, d), (K, d) */
	float *y;			/* (L, d): the result; backward: its gradient (input) */
	float *dq, *dk, *dv;		/* gradients; NULL: not computed */
	int add[3];			/* for dq, dk, dv: 0 overwrite, 1 add */
};
int kernel_head_stride(int K, int d);
/* p = softmax(scale * q k' + bias), y = p v. */
void kernel_head(const struct kernel_head *h, float scale, const float *bias, float *p, float *work);
/* dv = p' dy; ds = scale * p * (dy v' - <dy v', p>); dq = ds k; dk = ds' q. */
void kernel_head_back(const struct kernel_head *h, float scale, const float *p, float *work);

#endif
