/* focal - scale * sum over rows and classes of -alpha_t (1 - p_t)^gamma log p_t, p = sigmoid(x)

   Class c of row r is wanted where target[r] = c: there p_t = p, alpha_t = alpha; elsewhere p_t = 1 - p, alpha_t =
   1 - alpha. Rows with FOCAL_IGNORE count nowhere. Lin et al., "Focal loss for dense object detection", ICCV 2017.
   With q = p_t, z = +-x: dz = alpha_t (1 - q)^gamma (gamma q log q - (1 - q)). */
#include "nn/op.h"
#include "nn/check.h"

#include <math.h>
#include <string.h>

struct focal {
	struct var *x, *y;
	float *slope;	/* of the loss by each element, without the scale */
	float scale;
};

static void
back(void *op)
{
	const struct focal *a = op;

	var_seed(a->x, a->slope, a->scale * a->y->dx[0]);
}

/* one term for z, the logit of what is wanted; *slope by z */
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
	struct focal *a = tape_keep(t, sizeof *a);
	double sum = 0;
	float slope;
	int r, c;

	*a = (struct focal){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), NULL, scale };
	a->slope = tape_keep(t, sizeof *a->slope * (size_t)var_count(x));
	for (r = 0; r < R; r++) {
		const float *in = x->x + (long)r * C;
		float *out = a->slope + (long)r * C;

		check(target[r] < C && target[r] >= FOCAL_IGNORE, "focal: target is no class", x, NULL, NULL);
		if (target[r] == FOCAL_IGNORE) {
			memset(out, 0, sizeof *out * (size_t)C);
			continue;
		}
		for (c = 0; c < C; c++) {
			const int wanted = c == target[r];

			sum += (double)term(wanted ? in[c] : -in[c], wanted ? alpha : 1 - alpha, gamma, &slope);
			out[c] = wanted ? slope : -slope;
		}
	}
	a->y->x[0] = (float)(sum * (double)scale);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
