/* segmap_crossentropy - scale * sum over pixels of -log softmax(u)_label, u = x resampled bilinearly to the segmentation map

   x (N, H, W, C), labels (N, h, w). u is never whole: one row of it at a time is made, turned into its gradient p - t,
   and sent back to the places of x that it came from, already in the forward pass. So the memory is that of x however
   large the map and C are. Backward: dx = dy times what was gathered. */
#include "nn/op.h"
#include "nn/bilinear.h"
#include "nn/check.h"
#include "kernel/kernel.h"

#include <math.h>
#include <string.h>

struct segmap_crossentropy {
	struct var *x, *y;
	float *g;	/* dloss/dx; NULL: not wanted */
};

/* what the sums grow by */
struct sums {
	double loss, right;
};

static void
back(void *op)
{
	const struct segmap_crossentropy *a = op;

	var_seed(a->x, a->g, a->y->dx[0]);
}

/* a row u (w, C) of logits becomes scale (softmax(u) - t); pixels whose label is not below C: zeros */
static void
row(int w, int C, float *u, const uint8_t *label, float *margin, int *top, float scale, struct sums *sums)
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
		/* the greatest probability is at least 1 / C: its logarithm is always finite */
		sums->loss += (double)margin[i] - log((double)p[top[i]]);
		sums->right += top[i] == label[i];
		p[label[i]] -= 1;
	}
	kernel_scale((long)w * C, scale, u);
}

struct var *
op_segmap_crossentropy(struct tape *t, struct var *x, const uint8_t *labels, int h, int w, float scale, double *right)
{
	const int N = x->shape[0], H = x->shape[1], W = x->shape[2], C = x->shape[3];
	const size_t count = (size_t)var_count(x);
	struct segmap_crossentropy *a = tape_keep(t, sizeof *a);
	struct sums sums = { 0 };
	struct bilinear *columns;
	struct arena_mark m;
	float *u, *margin, *work;
	int *top;

	check(x->rank == 4 && h > 0 && w > 0, "map crossentropy", x, NULL, NULL);
	*a = (struct segmap_crossentropy){ x, tape_var(t, 0, 0, 0, 0, 0, x->dx), NULL };
	if (x->dx)
		a->g = memset(tape_keep(t, sizeof *a->g * count), 0, sizeof *a->g * count);
	m = arena_mark(&t->arena);
	u = tape_keep(t, sizeof *u * (size_t)w * (size_t)C);
	work = tape_keep(t, sizeof *work * (size_t)W * (size_t)C);
	margin = tape_keep(t, sizeof *margin * (size_t)w);
	top = tape_keep(t, sizeof *top * (size_t)w);
	columns = tape_keep(t, sizeof *columns * (size_t)w);
	bilinear_table(columns, W, w);
	for (int n = 0; n < N; n++)
		for (int r = 0; r < h; r++) {
			const struct bilinear place = bilinear_point(r, H, h);
			const long at = (long)n * H * W * C;

			bilinear_row(place, columns, w, x->x + at, W, C, work, false, u);
			row(w, C, u, labels + ((long)n * h + r) * w, margin, top, scale, &sums);
			if (a->g)
				bilinear_row_back(place, columns, w, u, W, C, work, a->g + at);
		}
	arena_release(&t->arena, m);
	a->y->x[0] = (float)(sums.loss * (double)scale);
	if (right)
		*right = sums.right;
	tape_push(t, back, a, a->y, TAPE_INPUTS(x));
	return a->y;
}
