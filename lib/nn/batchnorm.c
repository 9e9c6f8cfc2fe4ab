/* batchnorm - every channel normalised over all rows; and ReLU, which follows it

   h = (x - mean) * rstd, rstd = 1 / sqrt(biased var + eps), y = h * gamma + beta, by column over R rows.
   dx = gamma * rstd * (dy - mean(dy) - h * mean(dy * h)); dgamma = sum dy * h; dbeta = sum dy.
   Sums over rows run in double. */
#include "nn/op.h"
#include "nn/check.h"
#include "nn/kernel.h"

#include <math.h>
#include <string.h>

struct batchnorm {
	struct var *x, *gamma, *beta, *y;
	float *mean, *rstd;	/* by column */
	double *sum;		/* two a column, to work with */
};

static void
add_column(struct var *v, int c, double sum)
{
	if (v && v->dx)
		v->dx[c] += (float)sum;
}

static void
back(void *op)
{
	struct batchnorm *a = op;
	int R = var_rows(a->x), D = var_width(a->x);
	double *sum = a->sum;
	const float *x = a->x->x, *dy = a->y->dx;
	float beta;

	if (a->gamma && a->gamma->dx)
		var_zero(a->gamma);
	if (a->beta && a->beta->dx)
		var_zero(a->beta);
	memset(sum, 0, (size_t)D * 2 * sizeof *sum);
	for (long i = 0; i < (long)R * D; i++) {
		int c = (int)(i % D);

		sum[2 * c] += dy[i];
		sum[2 * c + 1] += (double)dy[i] * (x[i] - a->mean[c]) * a->rstd[c];
	}
	for (int c = 0; c < D; c++) {
		add_column(a->beta, c, sum[2 * c]);
		add_column(a->gamma, c, sum[2 * c + 1]);
	}
	beta = a->x->dx ? var_beta(a->x) : 0;
	for (long i = 0; a->x->dx && i < (long)R * D; i++) {
		int c = (int)(i % D);
		float h = (x[i] - a->mean[c]) * a->rstd[c];
		float g = a->rstd[c] * (dy[i] - (float)(sum[2 * c] / R) - h * (float)(sum[2 * c + 1] / R));

		a->x->dx[i] = (beta != 0 ? a->x->dx[i] : 0) + (a->gamma ? a->gamma->x[c] : 1) * g;
	}
}

/* mean and rstd of every column, in two passes */
static void
statistics(struct batchnorm *a, float eps)
{
	int R = var_rows(a->x), D = var_width(a->x);
	const float *x = a->x->x;
	double *sum = a->sum;

	memset(sum, 0, (size_t)D * sizeof *sum);
	for (long i = 0; i < (long)R * D; i++)
		sum[i % D] += x[i];
	for (int c = 0; c < D; c++) {
		a->mean[c] = (float)(sum[c] / R);
		sum[c] = 0;
	}
	for (long i = 0; i < (long)R * D; i++)
		sum[i % D] += (double)(x[i] - a->mean[i % D]) * (x[i] - a->mean[i % D]);
	for (int c = 0; c < D; c++)
		a->rstd[c] = (float)(1 / sqrt(sum[c] / R + (double)eps));
}

struct var *
op_batchnorm(struct tape *t, struct var *x, struct var *gamma, struct var *beta, float eps)
{
	int D = var_width(x);
	bool grad = var_wants(x, gamma, beta);
	struct batchnorm *a = tape_keep(t, sizeof *a);
	struct var *y = tape_like(t, x, 0, grad);
	size_t bytes = (size_t)D * sizeof(float);

	check(x->rank >= 1 && (!gamma || var_count(gamma) == D) && (!beta || var_count(beta) == D), "batchnorm", x, gamma, beta);
	*a = (struct batchnorm){ x, gamma, beta, y, tape_keep(t, bytes), tape_keep(t, bytes), tape_keep(t, 2 * (size_t)D * sizeof(double)) };
	statistics(a, eps);
	for (long i = 0; i < var_count(x); i++) {
		int c = (int)(i % D);

		y->x[i] = (x->x[i] - a->mean[c]) * a->rstd[c] * (gamma ? gamma->x[c] : 1) + (beta ? beta->x[c] : 0);
	}
	if (grad)
		tape_push(t, back, a, a->y);
	return y;
}

struct relu {
	struct var *x, *y;
};

static void
relu_back(void *op)
{
	struct relu *a = op;

	kernel_columns_where(1, (int)var_count(a->y), a->y->dx, a->y->x, NULL);
	var_pass(a->y, a->x);
}

struct var *
op_relu(struct tape *t, struct var *x)
{
	struct relu *a = tape_keep(t, sizeof *a);

	*a = (struct relu){ x, tape_like(t, x, 0, x->dx) };
	kernel_relu(var_count(x), x->x, a->y->x);
	if (x->dx)
		tape_push(t, relu_back, a, a->y);
	return a->y;
}
