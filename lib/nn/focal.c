/* focal - scale * sum over rows and classes of -alpha_t (1 - p_t)^gamma log p_t, p = sigmoid(x)

   Class c of row r is positive where target[r] = c: there p_t = p, alpha_t = alpha; elsewhere p_t = 1 - p, alpha_t =
   1 - alpha. Rows with FOCAL_IGNORE are ignored. Lin et al., "Focal loss for dense object detection", ICCV 2017.
   With q = p_t, z = +-x: dz = alpha_t (1 - q)^gamma (gamma q log q - (1 - q)). */
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

struct focal_op {
	struct var *x, *y;
	float *slope;	/* derivative of the loss by each element, without the scale */
	float scale;
};

static void
back(void *op)
{
	const struct focal_op *a = op;

	var_seed(a->x, a->slope, a->scale * a->y->dx[0]);
}

/* the loss of one element; z is the logit of the target's side; *slope: its derivative by z */
static float
term(float z, float alpha, float gamma, float *slope)
{
	const float e = expf(-fabsf(z)), l = log1pf(e);
	const float logq = (z < 0 ? z : 0) - l, log1q = (z < 0 ? 0 : -z) - l;
	const float q = (z < 0 ? e : 1) / (1 + e), far = alpha * expf(gamma * log1q);

	*slope = far * (gamma * q * logq - (1 - q));
	return -far * logq;
}

struct var *
op_focal(struct tape *t, struct var *x, const int *target, float alpha, float gamma, float scale)
{
	const int R = var_rows(x), C = var_width(x);
	struct focal_op *a = tape_keep(t, sizeof *a);
	double sum = 0;
	float slope;
	int r, c;

	*a = (struct focal_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), NULL, scale };
	a->slope = tape_keep(t, sizeof *a->slope * (size_t)var_count(x));
	for (r = 0; r < R; r++) {
		const float *in = x->x + (long)r * C;
		float *out = a->slope + (long)r * C;

		check(target[r] < C && target[r] >= FOCAL_IGNORE, "focal: target out of range", x, NULL, NULL);
		if (target[r] == FOCAL_IGNORE) {
			memset(out, 0, sizeof *out * (size_t)C);
			continue;
		}
		for (c = 0; c < C; c++) {
			const bool positive = c == target[r];

			sum += (double)term(positive ? in[c] : -in[c], positive ? alpha : 1 - alpha, gamma, &slope);
			out[c] = positive ? slope : -slope;
		}
	}
	a->y->x[0] = (float)(sum * (double)scale);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
