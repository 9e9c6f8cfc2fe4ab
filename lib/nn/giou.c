/* giou - scale * sum over rows of w (1 - GIoU) between two boxes around the same point

   A box is given by its distances left, top, right, bottom from the point, which are positive: d = exp(x) (x at most
   GIOU_MOST) against target. With I, U, E the areas of intersection, union and enclosing box, 1 - GIoU = 2 - I/U - U/E
   (Rezatofighi et al., CVPR 2019). dI/dl = [l < l'] height of I, dE/dl = [l > l'] height of E, dU/dl = height - dI/dl;
   dx = d dd. */
#include "nn/check.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <math.h>
#include <string.h>

enum { EDGES = 4 };	/* left, top, right, bottom: k and k ^ 2 are opposite */

struct giou_op {
	struct var *x, *y;
	float *slope;
	float scale;
};

static void
back(void *op)
{
	const struct giou_op *a = op;

	var_seed(a->x, a->slope, a->scale * a->y->dx[0]);
}

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
	struct giou_op *a = tape_keep(t, sizeof *a);
	double sum = 0;
	int r;

	check(x->rank >= 1 && var_width(x) == EDGES, "giou", x, NULL, NULL);
	*a = (struct giou_op){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx),
	    tape_keep(t, sizeof *a->slope * (size_t)var_count(x)), scale };
	for (r = 0; r < R; r++) {
		float *slope = a->slope + (long)EDGES * r;

		if (weight[r] != 0)
			sum += row(x->x + (long)EDGES * r, target + (long)EDGES * r, weight[r], slope);
		else
			memset(slope, 0, sizeof *slope * EDGES);
	}
	a->y->x[0] = (float)(sum * (double)scale);
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
