/* detection_loss - losses of dense detection: focal, GIoU, binary cross-entropy */
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* each loss keeps its derivative by x, without the scale */
struct detection_loss_op {
	struct var *x, *y;
	float *slope;
	float scale;
};

static void
back(void *op)
{
	const struct detection_loss_op *a = op;

	var_seed(a->x, a->slope, a->scale * a->y->dx[0]);
}

/* A loss of x whose `slope` is not computed yet. */
static struct detection_loss_op *
begin(struct tape *t, struct var *x, float scale)
{
	struct detection_loss_op *a = tape_keep(t, sizeof *a);

	*a = (struct detection_loss_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx),
	    tape_array(t, (size_t)var_count(x), sizeof *a->slope), scale };
	return a;
}

/* Record the loss with its sum over the elements, without the scale. */
static struct var *
finish(struct tape *t, struct detection_loss_op *a, double sum)
{
	a->y->x[0] = (float)(sum * (double)a->scale);
	tape_push(t, back, a, a->y, TAPE_INPUTS(a->x));
	return a->y;
}

/* focal - scale * sum over rows and classes of -alpha_t (1 - p_t)^gamma log p_t, p = sigmoid(x)

   Class c of row r is positive where target[r] = c: there p_t = p, alpha_t = alpha; elsewhere p_t = 1 - p, alpha_t =
   1 - alpha. Rows with FOCAL_IGNORE are ignored. Lin et al., "Focal loss for dense object detection", ICCV 2017.
   With q = p_t, z = +-x: dz = alpha_t (1 - q)^gamma (gamma q log q - (1 - q)). */

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
	struct detection_loss_op *a = begin(t, x, scale);
	double sum = 0;
	float slope;
	int r, c;

	for (r = 0; r < R; r++) {
		const float *in = x->x + (long)r * C;
		float *out = a->slope + (long)r * C;

		var_check(target[r] < C && target[r] >= FOCAL_IGNORE, "focal: target out of range", x, NULL, NULL);
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
	return finish(t, a, sum);
}

/* giou - scale * sum over rows of w (1 - GIoU) between two boxes around the same point

   A box is given by its distances left, top, right, bottom from the point, which are positive: d = exp(x) (x at most
   GIOU_MOST) against target. With I, U, E the areas of intersection, union and enclosing box, 1 - GIoU = 2 - I/U - U/E
   (Rezatofighi et al., CVPR 2019). dI/dl = [l < l'] height of I, dE/dl = [l > l'] height of E, dU/dl = height - dI/dl;
   dx = d dd. */

enum { EDGES = 4 };	/* left, top, right, bottom: k and k ^ 2 are opposite */

/* 1 - GIoU of one row; slope (4): its derivative by x */
static double
row(const float *x, const float *target, float weight, float *slope)
{
	double d[EDGES], least[EDGES], most[EDGES], I, U, E;
	int k;

	for (k = 0; k < EDGES; k++) {
		d[k] = exp(x[k] > GIOU_MOST ? GIOU_MOST : (double)x[k]);
		least[k] = d[k] < (double)target[k] ? d[k] : (double)target[k];
		most[k] = d[k] > (double)target[k] ? d[k] : (double)target[k];
	}
	I = (least[0] + least[2]) * (least[1] + least[3]);
	E = (most[0] + most[2]) * (most[1] + most[3]);
	U = (d[0] + d[2]) * (d[1] + d[3]) + (double)(target[0] + target[2]) * (double)(target[1] + target[3]) - I;
	for (k = 0; k < EDGES; k++) {
		const int across = (k + 1) % 2;	/* this edge and the opposite one are perpendicular to edge k */
		const double dI = d[k] < (double)target[k] ? least[across] + least[across + 2] : 0;
		const double dE = d[k] > (double)target[k] ? most[across] + most[across + 2] : 0;
		const double dU = d[across] + d[across + 2] - dI;
		const double dd = -(dI * U - I * dU) / (U * U) - (dU * E - U * dE) / (E * E);

		slope[k] = x[k] > GIOU_MOST ? 0 : (float)((double)weight * dd * d[k]);
	}
	/* a NaN in x is in d, and so in U */
	return (double)weight * (2 - I / U - U / E);
}

struct var *
op_giou(struct tape *t, struct var *x, const float *target, const float *weight, float scale)
{
	const int R = var_rows(x);
	struct detection_loss_op *a = begin(t, x, scale);
	double sum = 0;
	int r;

	var_check(x->rank >= 1 && var_width(x) == EDGES, "giou", x, NULL, NULL);
	for (r = 0; r < R; r++) {
		float *slope = a->slope + (long)EDGES * r;

		if (weight[r] != 0)
			sum += row(x->x + (long)EDGES * r, target + (long)EDGES * r, weight[r], slope);
		else
			memset(slope, 0, sizeof *slope * EDGES);
	}
	return finish(t, a, sum);
}

/* bce - scale * sum over elements of w (log(1 + e^x) - x target): binary cross-entropy with logits

   dx = scale w (sigmoid(x) - target). Elements of weight 0 are ignored. */

struct var *
op_bce(struct tape *t, struct var *x, const float *target, const float *weight, float scale)
{
	const long n = var_count(x);
	struct detection_loss_op *a = begin(t, x, scale);
	double sum = 0;
	long i;

	for (i = 0; i < n; i++) {
		const float z = x->x[i], e = expf(-fabsf(z));

		a->slope[i] = weight[i] != 0 ? weight[i] * ((z < 0 ? e : 1) / (1 + e) - target[i]) : 0;
		sum += weight[i] != 0 ? (double)(weight[i] * ((z < 0 ? 0 : z) + log1pf(e) - z * target[i])) : 0;
	}
	return finish(t, a, sum);
}
