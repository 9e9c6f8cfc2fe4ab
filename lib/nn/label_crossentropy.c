/* label_crossentropy - scale * sum over rows of -w sum_c t_c log p_c, p = softmax(x), t = 1 at the label, smoothed

   t = (1 - s) [c = label] + s / C (Szegedy et al. 2016, section 7); dx = scale w (p - t). A row without label is
   ignored. Only p is kept: log p_c = x_c - top + log p_top, and p_top is at least 1 / C. */
#include "kernel/kernel.h"
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <assert.h>
#include <math.h>
#include <string.h>

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
back(void *op)
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

	check(x->rank >= 1, "label crossentropy", x, NULL, NULL);
	*a = (struct label_crossentropy_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), label, weight, smoothing, scale,
	    tape_keep(t, (size_t)var_count(x) * sizeof *a->p) };
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
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
