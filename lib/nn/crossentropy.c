/* crossentropy - softmax cross-entropy: of distributions, of labels, of segmentation maps */
#include "base/mem.h"
#include "kernel/kernel.h"
#include "nn/bilinear.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* crossentropy - scale * sum over rows of -sum_d t_d log p_d, t = softmax(target), p = softmax(x)

   dx = scale (p - t); dtarget_d = -scale t_d (log p_d - sum_e t_e log p_e). */

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
crossentropy_back(void *op)
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
	const size_t count = mem_product((size_t)R, (size_t)D);
	double loss = 0, spread = 0;

	var_check(x->rank >= 1 && var_rows(target) == R && var_width(target) == D, "crossentropy", x, target, NULL);
	*a = (struct crossentropy_op){ x, target, tape_var(t, 0, 0, 0, 0, 0, var_needs_grad(x, target, NULL)), scale,
	    tape_array(t, count, sizeof(float)), tape_array(t, count, sizeof(float)) };
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
	tape_push(t, crossentropy_back, a, a->y, TAPE_INPUTS(x, target));
	return a->y;
}

/* label_crossentropy - scale * sum over rows of -w sum_c t_c log p_c, p = softmax(x), t = 1 at the label, smoothed

   t = (1 - s) [c = label] + s / C (Szegedy et al. 2016, section 7); dx = scale w (p - t). A row without label is
   ignored. Only p is kept: log p_c = x_c - top + log p_top, and p_top is at least 1 / C. */

struct label_crossentropy_op {
	struct var *x, *y;
	const int *label;
	const float *weight;
	float smoothing, scale;
	float *p;	/* (R, C) */
};

/* index of the largest number, the first of equal ones */
static int
argmax(int n, const float *x)
{
	int best = 0;

	for (int i = 1; i < n; i++)
		if (x[i] > x[best])
			best = i;
	return best;
}

static void
label_crossentropy_back(void *op)
{
	struct label_crossentropy_op *a = op;
	int R = var_rows(a->x), C = var_width(a->x);

	var_zero(a->x);
	for (int r = 0; r < R; r++) {
		float f = a->scale * a->y->dx[0] * (a->weight ? a->weight[r] : 1), *dx = a->x->dx + (long)r * C;
		const float *p = a->p + (long)r * C;

		if (a->label[r] < 0)
			continue;
		for (int c = 0; c < C; c++)
			dx[c] += f * (p[c] - a->smoothing / (float)C);
		dx[a->label[r]] -= f * (1 - a->smoothing);
	}
}

struct var *
op_label_crossentropy(struct tape *t, struct var *x, const int *label, const float *weight, float smoothing,
	float scale, double *correct)
{
	int R = var_rows(x), C = var_width(x);
	struct label_crossentropy_op *a = tape_keep(t, sizeof *a);
	double loss = 0, hits = 0;

	var_check(x->rank >= 1, "label crossentropy", x, NULL, NULL);
	*a = (struct label_crossentropy_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), label, weight, smoothing, scale,
	    tape_array(t, (size_t)var_count(x), sizeof *a->p) };
	memcpy(a->p, x->x, (size_t)var_count(x) * sizeof *a->p);
	kernel_softmax(R, C, C, a->p, 1, NULL);
	for (int r = 0; r < R; r++) {
		const float *row = x->x + (long)r * C;
		const int top = argmax(C, row);
		const double w = weight ? weight[r] : 1, log_sum = row[top] - log(a->p[(long)r * C + top]);

		assert(label[r] < C);
		if (label[r] < 0)
			continue;
		loss += w * (log_sum - (1 - smoothing) * row[label[r]] - (smoothing > 0
		    ? smoothing / (double)C * kernel_sum(C, row) : 0));
		hits += top == label[r] ? w : 0;
	}
	a->y->x[0] = (float)(loss * (double)scale);
	if (correct)
		*correct = hits;
	tape_push(t, label_crossentropy_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}

/* segmap_crossentropy - scale * sum over pixels of -log softmax(u)_label, u = x resampled to the segmentation map

   x (N, H, W, C), labels (N, h, w). The forward pass computes u one row at a time, turns the row into its gradient
   p - t and adds that to g, the gradient of x. So memory is that of x, for any size of the map. Backward: dx = dy g. */

struct segmap_crossentropy_op {
	struct var *x, *y;
	float *g;	/* dloss/dx; NULL: not needed */
};

struct segmap_crossentropy_sums {
	double loss;
	long correct;	/* pixels */
};

static void
segmap_crossentropy_back(void *op)
{
	const struct segmap_crossentropy_op *a = op;

	var_seed(a->x, a->g, a->y->dx[0]);
}

/* turn a row u (w, C) of logits into scale (softmax(u) - t), zeros where the label is not below C */
static void
row(int w, int C, float *u, const uint8_t *label, float *margin, int *top, float scale,
	struct segmap_crossentropy_sums *sums)
{
	for (int i = 0; i < w; i++) {
		const float *at = u + (long)i * C;

		top[i] = 0;
		for (int c = 1; c < C; c++)
			if (at[c] > at[top[i]])
				top[i] = c;
		margin[i] = label[i] < C ? at[top[i]] - at[label[i]] : 0;
	}
	kernel_softmax(w, C, C, u, 1, NULL);
	for (int i = 0; i < w; i++) {
		float *p = u + (long)i * C;

		if (label[i] >= C) {
			memset(p, 0, sizeof *p * (size_t)C);
			continue;
		}
		/* the largest probability is at least 1 / C: its logarithm is finite */
		sums->loss += (double)margin[i] - log((double)p[top[i]]);
		sums->correct += top[i] == label[i];
		p[label[i]] -= 1;
	}
	kernel_scale((long)w * C, scale, u);
}

struct var *
op_segmap_crossentropy(struct tape *t, struct var *x, const uint8_t *labels, int h, int w, float scale, double *correct)
{
	const int N = x->shape[0], H = x->shape[1], W = x->shape[2], C = x->shape[3];
	const size_t count = (size_t)var_count(x);
	struct segmap_crossentropy_op *a = tape_keep(t, sizeof *a);
	struct segmap_crossentropy_sums sums = { 0 };
	struct bilinear *columns;
	struct arena_mark m;
	float *u, *margin, *work;
	int *top;

	var_check(x->rank == 4 && h > 0 && w > 0, "segmap crossentropy", x, NULL, NULL);
	*a = (struct segmap_crossentropy_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), NULL };
	if (x->dx)
		a->g = memset(tape_array(t, count, sizeof *a->g), 0, sizeof *a->g * count);
	m = arena_mark(&t->arena);
	u = tape_array(t, mem_product((size_t)w, (size_t)C), sizeof *u);
	work = tape_array(t, mem_product((size_t)W, (size_t)C), sizeof *work);
	margin = tape_array(t, (size_t)w, sizeof *margin);
	top = tape_array(t, (size_t)w, sizeof *top);
	columns = tape_array(t, (size_t)w, sizeof *columns);
	bilinear_table(columns, W, w);
	for (int n = 0; n < N; n++)
		for (int r = 0; r < h; r++) {
			const struct bilinear point = bilinear_point(r, H, h);
			const long at = (long)n * H * W * C;

			bilinear_row(point, columns, w, x->x + at, W, C, work, false, u);
			row(w, C, u, labels + ((long)n * h + r) * w, margin, top, scale, &sums);
			if (a->g)
				bilinear_row_back(point, columns, w, u, W, C, work, a->g + at);
		}
	arena_release(&t->arena, m);
	a->y->x[0] = (float)(sums.loss * (double)scale);
	if (correct)
		*correct = (double)sums.correct;
	tape_push(t, segmap_crossentropy_back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
