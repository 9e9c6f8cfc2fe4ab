/* dense - ops of dense prediction against slow reference code; shapes of the feature pyramid */
#include "base/rng.h"
#include "model/config.h"
#include "model/fpn.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct tape tape;

static struct var *
fill(int d0, int d1, int d2, int d3, const char *name)
{
	struct var *v = tape_var(&tape, d3 ? 4 : d2 ? 3 : d1 ? 2 : 1, d0, d1, d2, d3, false);
	struct rng r = rng_at(1, 0, "dense", name);
	long i;

	for (i = 0; i < var_count(v); i++)
		v->x[i] = (float)rng_normal(&r);
	return v;
}

/* element of a (., ., ., .) variable, 0 outside */
static double
at(const struct var *v, int n, int r, int c, int k)
{
	const int *s = v->shape;

	return r < 0 || c < 0 || r >= s[1] || c >= s[2] ? 0 : (double)v->x[((n * s[1] + r) * s[2] + c) * s[3] + k];
}

static void
conv(int N, int H, int W, int C, int O)
{
	struct var *x = fill(N, H, W, C, "x"), *w = fill(O, 3, 3, C, "w"), *b = fill(O, 0, 0, 0, "b"),
		   *y = op_conv(&tape, x, w, b);
	double worst = 0;
	int n, r, c, o, i, j, k;

	for (n = 0; n < N; n++)
		for (r = 0; r < H; r++)
			for (c = 0; c < W; c++)
				for (o = 0; o < O; o++) {
					double sum = b->x[o];

					for (i = 0; i < 3; i++)
						for (j = 0; j < 3; j++)
							for (k = 0; k < C; k++)
								sum += at(x, n, r + i - 1, c + j - 1, k) *
									at(w, o, i, j, k);
					worst = fmax(worst, fabs(sum - at(y, n, r, c, o)));
				}
	ok(y->shape[0] == N && y->shape[1] == H && y->shape[2] == W && y->shape[3] == O && worst < 1e-4,
		"conv of %dx%dx%dx%d to %d channels agrees with a loop (%.1e)", N, H, W, C, O, worst);
}

static void
moves(int H, int W)
{
	struct var *x = fill(2, H, W, 8, "x"), *y = op_shuffle(&tape, x), *z = op_pool(&tape, x);
	int n, r, c, k, good = y->shape[1] == 2 * H && y->shape[2] == 2 * W && y->shape[3] == 2;

	for (n = 0; n < 2; n++)
		for (r = 0; r < 2 * H; r++)
			for (c = 0; c < 2 * W; c++)
				for (k = 0; k < 2; k++)
					good &= at(y, n, r, c, k) ==
						at(x, n, r / 2, c / 2, (r % 2 * 2 + c % 2) * 2 + k);
	ok(good, "shuffle of %dx%d moves channels to pixels", H, W);
	good = z->shape[1] == (H + 1) / 2 && z->shape[2] == (W + 1) / 2 && z->shape[3] == 8;
	for (n = 0; n < 2; n++)
		for (r = 0; r < z->shape[1]; r++)
			for (c = 0; c < z->shape[2]; c++)
				for (k = 0; k < 8; k++) {
					double most = at(x, n, 2 * r, 2 * c, k);

					if (2 * r + 1 < H)
						most = fmax(most, at(x, n, 2 * r + 1, 2 * c, k));
					if (2 * c + 1 < W)
						most = fmax(most, at(x, n, 2 * r, 2 * c + 1, k));
					if (2 * r + 1 < H && 2 * c + 1 < W)
						most = fmax(most, at(x, n, 2 * r + 1, 2 * c + 1, k));
					good &= most == at(z, n, r, c, k);
				}
	ok(good, "max pooling of %dx%d", H, W);
}

/* partition into windows and back gives the same tokens; a window has neighboring patches */
static void
windows(int R, int C, int w)
{
	struct var *x = fill(2, 1 + R * C, 6, 0, "x"), *y = op_window(&tape, x, R, C, w),
		   *z = op_unwindow(&tape, y, R, C, w);
	double worst = 0;
	long i;

	for (i = 0; i < var_count(x); i++)
		worst = fmax(worst, fabs((double)(x->x[i] - z->x[i])));
	ok(worst < 1e-6, "%dx%d tokens in windows of %d and merged again (%.1e)", R, C, w, worst);
	ok(y->shape[0] == 2 * op_window_count(R, C, w) && y->shape[1] == 1 + w * w &&
			memcmp(y->x, x->x, 6 * sizeof(float)) == 0 &&
			memcmp(y->x + 6 * (1 + w), x->x + 6 * (1 + C), 6 * sizeof(float)) == 0,
		"a window begins with the class token; row 1 follows row 0");
}

static double
sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

static void
losses(void)
{
	static const int target[] = { 2, FOCAL_NONE, 0, FOCAL_IGNORE, 1, FOCAL_NONE };
	struct var *x = fill(6, 3, 0, 0, "focal"), *z = fill(5, 0, 0, 0, "bce"), *d = fill(4, 4, 0, 0, "giou");
	static const float weight[] = { 1, 0.5f, 0, 2, 3 }, want[] = { 0, 1, 0.5f, 0.25f, 0.9f };
	static const float boxes[4][4] = { { 1, 2, 3, 4 }, { 0.5f, 0.5f, 0.5f, 0.5f }, { 1, 1, 1, 1 },
		{ 10, 0.1f, 4, 3 } };
	double sum = 0;
	int r, c;

	for (r = 0; r < 6; r++)
		for (c = 0; c < 3; c++) {
			const double p = sigmoid(x->x[3 * r + c]);

			if (target[r] != FOCAL_IGNORE)
				sum += c == target[r] ? -0.25 * pow(1 - p, 2) * log(p) : -0.75 * p * p * log(1 - p);
		}
	ok(fabs(op_focal(&tape, x, target, 0.25f, 2, 0.5f)->x[0] - 0.5 * sum) < 1e-5,
		"focal loss agrees with its formula");
	for (sum = 0, r = 0; r < 5; r++)
		sum -= weight[r] * (want[r] * log(sigmoid(z->x[r])) + (1 - want[r]) * log(1 - sigmoid(z->x[r])));
	ok(fabs(op_bce(&tape, z, want, weight, 0.5f)->x[0] - 0.5 * sum) < 1e-5,
		"binary cross-entropy agrees with its formula");
	for (sum = 0, r = 0; r < 4; r++) {
		double a[4], b[4], w, h, both, hull;

		for (c = 0; c < 4; c++) {
			a[c] = (c < 2 ? -1 : 1) * exp(d->x[4 * r + c]);
			b[c] = (c < 2 ? -1 : 1) * (double)boxes[r][c];
		}
		w = fmin(a[2], b[2]) - fmax(a[0], b[0]);
		h = fmin(a[3], b[3]) - fmax(a[1], b[1]);
		both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - w * h;
		hull = (fmax(a[2], b[2]) - fmin(a[0], b[0])) * (fmax(a[3], b[3]) - fmin(a[1], b[1]));
		sum += (double)weight[r] * (1 - (w * h / both - (hull - both) / hull));
	}
	ok(fabs(op_giou(&tape, d, &boxes[0][0], weight, 0.5f)->x[0] - 0.5 * sum) < 1e-5,
		"GIoU loss agrees with its formula");
}

static void
pyramid(int R, int W, long fpn_dim)
{
	struct config config = config_default();
	struct params params = { 0 };
	struct fpn m;
	struct var *levels[FPN_LEVELS], *alone[FPN_LEVELS], *x;
	double worst = 0;
	int l, rows, columns, good = 1;
	long i;

	config.fpn_dim = fpn_dim;
	if (config_complete(&config) < 0)
		abort();
	fpn_open(&m, &config, &params);
	params_build(&params);
	params_init(&params, 1);
	tape_reset(&tape, false, &params, NULL);
	x = fill(2, 1 + R * W, (int)config.embed_dim, 0, "x");
	fpn_forward(&m, &tape, x, R, W, levels);
	fpn_forward(&m, &tape,
		tape_wrap(&tape, x->x + var_count(x) / 2, NULL, 3, 1, 1 + R * W, (int)config.embed_dim, 0), R, W,
		alone);
	for (l = 0; l < FPN_LEVELS; l++) {
		const struct var *y = levels[l];

		fpn_grid(l, R, W, &rows, &columns);
		good &= y->rank == 4 && y->shape[0] == 2 && y->shape[1] == rows && y->shape[2] == columns &&
			y->shape[3] == (fpn_dim ? fpn_dim : 64);
		for (i = 0; i < var_count(y) / 2; i++)
			worst = fmax(worst, fabs((double)(alone[l]->x[i] - y->x[var_count(y) / 2 + i])));
	}
	ok(good, "feature pyramid over %dx%d patches: four levels of %ld channels", R, W, fpn_dim ? fpn_dim : 64);
	/* not to the bit: BLAS may sum differently where there are more rows */
	ok(worst < 1e-4, "feature pyramid: an image does not depend on other images of the batch (%.1e)", worst);
	params_free(&params);
}

int
main(void)
{
	conv(2, 3, 4, 5, 6);
	conv(1, 1, 1, 3, 2);
	conv(1, 50, 7, 300, 3);
	moves(4, 6);
	moves(3, 5);
	windows(4, 6, 2);
	windows(5, 7, 3);
	windows(3, 3, 3);
	losses();
	tape_reset(&tape, false, NULL, NULL);
	pyramid(4, 6, 0);
	pyramid(5, 3, 24);
	pyramid(1, 1, 0);
	tape_free(&tape);
	return tap_end();
}
