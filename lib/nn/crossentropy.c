/* crossentropy - scale * sum over rows of -sum_d t_d log p_d, t = softmax(target), p = softmax(x)

   dx = scale (p - t); dtarget_d = -scale t_d (log p_d - sum_e t_e log p_e). */
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <string.h>

struct crossentropy_op {
	struct var *x, *target, *y;
	float scale;
	float *logp, *t;	/* (R, D) */
};

/* logp = log softmax(x) of a row */
static void
log_softmax(int D, const float *x, float *logp)
{
	float top = x[0];
	double sum = 0;

	for (int i = 1; i < D; i++)
		top = x[i] > top ? x[i] : top;
	for (int i = 0; i < D; i++)
		sum += exp((double)(x[i] - top));
	for (int i = 0; i < D; i++)
		logp[i] = (float)((double)(x[i] - top) - log(sum));
}

static void
back_row(const struct crossentropy_op *a, long at, int D, float beta, float target_beta)
{
	const float *logp = a->logp + at, *t = a->t + at;
	float f = a->scale * a->y->dx[0];
	double mean = 0;

	for (int i = 0; i < D; i++)
		mean += (double)t[i] * logp[i];
	for (int i = 0; a->x->dx && i < D; i++)
		a->x->dx[at + i] = (beta != 0 ? a->x->dx[at + i] : 0) + f * (expf(logp[i]) - t[i]);
	for (int i = 0; a->target->dx && i < D; i++)
		a->target->dx[at + i] = (target_beta != 0 ? a->target->dx[at + i] : 0) -
		    f * t[i] * (float)(logp[i] - mean);
}

static void
back(void *op)
{
	struct crossentropy_op *a = op;
	int R = var_rows(a->x), D = var_width(a->x);
	float beta, target_beta;

	beta = a->x->dx ? var_beta(a->x) : 0;
	target_beta = a->target->dx ? var_beta(a->target) : 0;
	for (int r = 0; r < R; r++)
		back_row(a, (long)r * D, D, beta, target_beta);
}

struct var *
op_crossentropy(struct tape *t, struct var *x, struct var *target, float scale, double *entropy)
{
	int R = var_rows(x), D = var_width(x);
	struct crossentropy_op *a = tape_keep(t, sizeof *a);
	size_t bytes = (size_t)R * (size_t)D * sizeof(float);
	double loss = 0, spread = 0;

	check(x->rank >= 1 && var_rows(target) == R && var_width(target) == D, "crossentropy", x, target, NULL);
	*a = (struct crossentropy_op){ x, target, tape_var(t, 0, 0, 0, 0, 0, var_needs_grad(x, target, NULL)), scale,
	    tape_keep(t, bytes), tape_keep(t, bytes) };
	for (int r = 0; r < R; r++) {
		float *logp = a->logp + (long)r * D, *p = a->t + (long)r * D;

		log_softmax(D, x->x + (long)r * D, logp);
		log_softmax(D, target->x + (long)r * D, p);
		for (int i = 0; i < D; i++) {
			double logt = p[i], pt = exp(logt);

			p[i] = (float)pt;
			/* both sums: 0 * log 0 is 0 */
			loss -= pt > 0 || isnan(pt) ? pt * logp[i] : 0;
			spread -= pt > 0 || isnan(pt) ? pt * logt : 0;
		}
	}
	a->y->x[0] = (float)(loss * (double)scale);
	if (entropy)
		*entropy = spread / R;
	tape_push(t, back, a, a->y, TAPE_INPUTS(x, target));
	return a->y;
}
