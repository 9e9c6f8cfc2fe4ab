/* norm - layer norm and batch norm */
#include "kernel/kernel.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* norm - layer norm over the last dimension

   h = (x - mean) / sqrt(var + eps), y = h * gamma + beta, mean and biased variance by row of D.
   g = dy * gamma; dx = (g - mean(g) - h * mean(g * h)) / sqrt(var + eps); dgamma = sum dy * h; dbeta = sum dy. */

struct norm_op {
	struct var *x, *gamma, *beta, *y;
	float *stat;	/* mean and 1 / sqrt(var + eps) of each row */
};

static void
norm_back(void *op)
{
	struct norm_op *a = op;
	struct var *x = a->x;
	int add = x->dx && var_beta(x) != 0;

	if (a->gamma->dx)
		var_zero(a->gamma);
	if (a->beta->dx)
		var_zero(a->beta);
	kernel_norm_back(var_rows(x), var_width(x), x->x, a->gamma->x, a->stat, a->y->dx, x->dx, add, a->gamma->dx,
	    a->beta->dx);
}

struct var *
op_norm(struct tape *t, struct var *x, struct var *gamma, struct var *beta, float eps)
{
	int R = var_rows(x), D = var_width(x);
	struct norm_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, var_needs_grad(x, gamma, beta));

	var_check(x->rank >= 1 && var_count(gamma) == D && var_count(beta) == D, "norm", x, gamma, beta);
	*a = (struct norm_op){ x, gamma, beta, y, tape_array(t, (size_t)R, 2 * sizeof(float)) };
	kernel_norm(R, D, x->x, gamma->x, beta->x, eps, y->x, a->stat);
	tape_push(t, norm_back, a, a->y, TAPE_INPUTS(x, gamma, beta));
	return y;
}

struct var *
op_norm_add(struct tape *t, struct var *a, struct var *b, struct var *gamma, struct var *beta, float eps,
	struct var **sum)
{
	*sum = op_add(t, a, b);
	return op_norm(t, *sum, gamma, beta, eps);
}

/* batchnorm - every channel normalized over all rows

   h = (x - mean) * rstd, rstd = 1 / sqrt(biased var + eps), y = h * gamma + beta, by column over R rows.
   dx = gamma * rstd * (dy - mean(dy) - h * mean(dy * h)); dgamma = sum dy * h; dbeta = sum dy.
   Sums over rows run in double. */

struct batchnorm_op {
	struct var *x, *gamma, *beta, *y;
	float *mean, *rstd;	/* by column */
	double *sum;		/* scratch, two for each column */
};

static void
add_column(struct var *v, int c, double sum)
{
	if (v && v->dx)
		v->dx[c] += (float)sum;
}

/* sum[c] += dy, sum[D + c] += dy * h */
static void
sums_back(const struct batchnorm_op *a, const float *dy)
{
	int R = var_rows(a->x), D = var_width(a->x);
	const float *x = a->x->x;

	memset(a->sum, 0, (size_t)D * 2 * sizeof *a->sum);
	for (int r = 0; r < R; r++, x += D, dy += D)
		for (int c = 0; c < D; c++) {
			a->sum[c] += (double)dy[c];
			a->sum[D + c] += (double)(dy[c] * ((x[c] - a->mean[c]) * a->rstd[c]));
		}
}

static void
batchnorm_back(void *op)
{
	struct batchnorm_op *a = op;
	int R = var_rows(a->x), D = var_width(a->x);
	const float *x = a->x->x, *dy = a->y->dx;
	float *dx, beta;

	if (a->gamma && a->gamma->dx)
		var_zero(a->gamma);
	if (a->beta && a->beta->dx)
		var_zero(a->beta);
	sums_back(a, dy);
	for (int c = 0; c < D; c++) {
		add_column(a->beta, c, a->sum[c]);
		add_column(a->gamma, c, a->sum[D + c]);
	}
	if (!a->x->dx)
		return;
	beta = var_beta(a->x);
	dx = a->x->dx;
	for (int r = 0; r < R; r++, x += D, dy += D, dx += D)
		for (int c = 0; c < D; c++) {
			float h = (x[c] - a->mean[c]) * a->rstd[c];
			float g = a->rstd[c] * (dy[c] - (float)(a->sum[c] / R) - h * (float)(a->sum[D + c] / R));

			dx[c] = (beta != 0 ? dx[c] : 0) + (a->gamma ? a->gamma->x[c] : 1) * g;
		}
}

/* mean and rstd of every column, in two passes */
static void
statistics(struct batchnorm_op *a, float eps)
{
	int R = var_rows(a->x), D = var_width(a->x);
	const float *x = a->x->x;
	double *sum = a->sum;

	memset(sum, 0, (size_t)D * 2 * sizeof *sum);
	for (int r = 0; r < R; r++)
		for (int c = 0; c < D; c++)
			sum[c] += (double)x[(long)r * D + c];
	for (int c = 0; c < D; c++)
		a->mean[c] = (float)(sum[c] / R);
	for (int r = 0; r < R; r++, x += D)
		for (int c = 0; c < D; c++)
			sum[D + c] += (double)(x[c] - a->mean[c]) * (double)(x[c] - a->mean[c]);
	for (int c = 0; c < D; c++)
		a->rstd[c] = (float)(1 / sqrt(sum[D + c] / R + (double)eps));
}

struct var *
op_batchnorm(struct tape *t, struct var *x, struct var *gamma, struct var *beta, float eps)
{
	int R = var_rows(x), D = var_width(x);
	struct batchnorm_op *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, var_needs_grad(x, gamma, beta));

	var_check(x->rank >= 1 && (!gamma || var_count(gamma) == D) && (!beta || var_count(beta) == D), "batchnorm", x,
	    gamma, beta);
	*a = (struct batchnorm_op){ x, gamma, beta, y, tape_array(t, (size_t)D, sizeof(float)),
	    tape_array(t, (size_t)D, sizeof(float)), tape_array(t, (size_t)D, 2 * sizeof(double)) };
	statistics(a, eps);
	for (int r = 0; r < R; r++)
		for (int c = 0; c < D; c++)
			y->x[(long)r * D + c] = (x->x[(long)r * D + c] - a->mean[c]) * a->rstd[c] * (gamma ? gamma->x[c]
			    : 1) + (beta ? beta->x[c] : 0);
	tape_push(t, batchnorm_back, a, a->y, TAPE_INPUTS(x, gamma, beta));
	return y;
}
