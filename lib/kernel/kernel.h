/* kernel - the loops over numbers that are not BLAS's, vectorized for this machine

   One source, compiled once per instruction set (see kernel.c); which one runs is chosen at the first call
   from the CPU's features, or by TSCAE_ISA (baseline, avx2, avx512; what this machine has not: the best, and
   kernel_isa() says so). All sums run in a fixed order. NaN and
   infinity come out where they went in. Rows are dense unless a stride is given. */
#ifndef KERNEL_KERNEL_H
#define KERNEL_KERNEL_H

/* "avx512", "avx2" or "baseline": the instruction set in use. */
const char *kernel_isa(void);
/* Is there a set of that name, whether this machine runs it or not? */
int kernel_exists(const char *isa);
/* Change to that one, before other threads compute: for tests and measurements. -1: this machine has it not. */
int kernel_use(const char *isa);

/* y = a * x + y; x = a * x. */
void kernel_axpy(long n, float a, const float *x, float *y);
void kernel_scale(long n, float a, float *x);
/* Sum, and sum of squares, in double. */
double kernel_sum(long n, const float *x);
double kernel_square(long n, const float *x);
/* <a, b>, and |a - b|^2 (each difference in single precision), in double. */
double kernel_dot(long n, const float *a, const float *b);
double kernel_distance(long n, const float *a, const float *b);

/* Every row of y (rows, n) = b, or y = x + b; b NULL: zeros. */
void kernel_fill_rows(int rows, int n, const float *b, float *y);
void kernel_add_rows(int rows, int n, const float *x, const float *b, float *y);

/* y = gelu(z) (erf form); d, if not NULL, its derivative. y or d may be z. */
void kernel_gelu(long n, const float *z, float *y, float *d);
/* y = max(x, 0), NaN kept; y may be x. */
void kernel_relu(long n, const float *x, float *y);

/* db (n), if not NULL, += sum over rows of g (rows, n), where first: _by: g *= d; _where: g = y > 0 ? g : 0. */
void kernel_columns(int rows, int n, const float *g, float *db);
void kernel_columns_by(int rows, int n, float *g, const float *d, float *db);
void kernel_columns_where(int rows, int n, float *g, const float *y, float *db);

/* s (rows, K; row stride ld) = softmax(scale * s + bias) by row; bias (K) or NULL. */
void kernel_softmax(int rows, int K, int ld, float *s, float scale, const float *bias);
/* dp = scale * p * (dp - <dp, p>) by row: the gradient of the scores from that of the weights. */
void kernel_softmax_back(int rows, int K, int ld, const float *p, float *dp, float scale);

/* Layer norm of rows of x (rows, D): y = (x - mean) * rstd * gamma + beta; stat receives mean, rstd of each
   row. Backward: dx = (or += where `add`) ..., dgamma, dbeta (D, NULL: none) +=. */
void kernel_norm(int rows, int D, const float *x, const float *gamma, const float *beta, float eps, float *y, float *stat);
void kernel_norm_back(int rows, int D, const float *x, const float *gamma, const float *stat, const float *dy, float *dx, int add, float *dgamma, float *dbeta);

/* y (R, O) += x (R, I) w' with w laid out by kernel_pack: (O, I) -> as many numbers in another order, for the instruction set in use.
   O must be whole vectors: kernel_packs. Each row of y depends on its row of x alone, to the bit. */
int kernel_packs(int O);
void kernel_pack(int O, int I, const float *w, float *to);
void kernel_linear(int R, int O, int I, const float *x, const float *w, float *y);

/* Attention of one image and head in cache. kernel_head_stride: the row length of p for K keys, or 0 where this
   is not for heads of d columns (d must be whole vectors). work: d * stride floats, backward (d + L) * stride. */
struct kernel_head {
	int L, K, d;
	long ldq, ldk, ldv, ldy;	/* row strides of q and dq, k and dk, v and dv, y */
	const float *q, *k, *v;		/* (L, d), (K, d), (K, d) */
	float *y;			/* (L, d): the result; backward: its gradient, read only */
	float *dq, *dk, *dv;		/* gradients, NULL: not wanted */
	int add[3];			/* dq, dk, dv: 0 is written, 1 is added to */
};
int kernel_head_stride(int K, int d);
/* p = softmax(scale * q k' + bias), y = p v. */
void kernel_head(const struct kernel_head *h, float scale, const float *bias, float *p, float *work);
/* dv = p' dy; ds = scale * p * (dy v' - <dy v', p>); dq = ds k; dk = ds' q. */
void kernel_head_back(const struct kernel_head *h, float scale, const float *p, float *work);

#endif
