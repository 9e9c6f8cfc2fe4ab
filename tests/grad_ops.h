/* grad_ops - the ops of grad.c's rows: each builds its op from a row's inputs and option */
#ifndef TESTS_GRAD_OPS_H
#define TESTS_GRAD_OPS_H

#include "base/rng.h"
#include "grad.h"
#include "nn/op.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { DROP = 1, BIAS = 2 };

static struct var *
build_linear(struct tape *t, struct var **x, const struct row *row)
{
	return op_linear(t, x[0], x[1], x[2], (enum act)row->option);
}

static struct var *
build_linear_add(struct tape *t, struct var **x, const struct row *row)
{
	return op_linear_add(t, x[0], x[1], row->option ? x[3] : NULL, x[2]);
}

static struct var *
build_residual_self(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_linear_add(t, x[0], x[1], NULL, x[0]);
}

static struct var *
build_rows(struct tape *t, struct var **x, const struct row *row)
{
	return op_linear(t, x[0], op_rows(t, x[1], 2, 4), op_rows(t, x[2], 2, 4), (enum act)row->option);
}

static struct var *
build_reshape(struct tape *t, struct var **x, const struct row *row)
{
	struct var *flat = op_reshape(t, op_linear(t, x[0], x[1], NULL, ACT_NONE), 2, 3, 20, 0, 0);

	(void)row;
	return op_linear(t, flat, x[2], NULL, ACT_NONE);
}

/* the product's second factor is the first one, stopped: the weight must be a constant for the gradient */
static struct var *
build_detach(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_linear(t, x[0], op_detach(t, x[1]), NULL, ACT_NONE);
}

static struct var *
build_norm(struct tape *t, struct var **x, const struct row *row)
{
	struct var *sum, *y;

	if (!row->option)
		return op_norm(t, x[0], x[1], x[2], 1e-6f);
	y = op_norm_add(t, x[0], x[3], x[1], x[2], 1e-5f, &sum);
	return op_add(t, y, sum);
}

static struct rng *
some_rng(void)
{
	static _Thread_local struct rng rng[8];

	for (int i = 0; i < 8; i++)
		rng[i] = rng_at(7, i, "drop", "");
	return rng;
}

static const float folded[40] = { 0, 2.4849066f /* ln 12 */, 0, 0, -1, 0.5f };

static struct var *
attention(struct tape *t, struct part q, struct part k, struct part v, int D, int H, int option)
{
	return op_attention(t, q, k, v, D, H, option & BIAS ? folded : NULL, option & DROP ? 0.3f : 0,
		option & DROP ? some_rng() : NULL);
}

static struct var *
build_self(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[0]) / 3;

	return attention(
		t, (struct part){ x[0], 0 }, (struct part){ x[0], D }, (struct part){ x[0], 2 * D }, D, 2, row->option);
}

/* q and k packed, v apart, as where positions are added to the first two */
static struct var *
build_apart(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[1]);

	return attention(
		t, (struct part){ x[0], 0 }, (struct part){ x[0], D }, (struct part){ x[1], 0 }, D, 2, row->option);
}

static struct var *
build_cross(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[0]);

	return attention(
		t, (struct part){ x[0], 0 }, (struct part){ x[1], D }, (struct part){ x[1], 0 }, D, 3, row->option);
}

/* columns that no part covers: their gradient is zero */
static struct var *
build_gap(struct tape *t, struct var **x, const struct row *row)
{
	int D = var_width(x[0]) / 4;

	return attention(
		t, (struct part){ x[0], 0 }, (struct part){ x[0], 3 * D }, (struct part){ x[0], D }, D, 1, row->option);
}

static struct var *
build_pick(struct tape *t, struct var **x, const struct row *row)
{
	static const int index[2][5] = { { 0, -1, 2, -2, 0 }, { 3, 1, -1, -1, 0 } },
		place[2][5] = { { -1, 0, 1, -1, 2 }, { 2, 2, -1, 0, 1 } };
	static const float positions[3][6] = { { 1, 2, 3, 4, 5, 6 }, { -1, 0.5f }, { 0, 0, 0, 3 } };
	struct pick p = { index[0], place[0], row->option & 1, row->option & 2 ? positions[0] : NULL, &x[1], 2 };

	return op_pick(t, x[0], 2, 5, 6, &p);
}

static struct var *
build_tokens(struct tape *t, struct var **x, const struct row *row)
{
	static const int index[3] = { -2, -1, -1 };
	struct pick p = { index, NULL, true, NULL, x, 2 };

	(void)row;
	return op_pick(t, NULL, 2, 3, 6, &p);
}

static struct var *
build_add(struct tape *t, struct var **x, const struct row *row)
{
	return op_add(t, x[0], row->option ? x[0] : x[1]);
}

static struct var *
build_sum(struct tape *t, struct var **x, const struct row *row)
{
	struct var *loss[] = { op_mse(t, x[0], folded, 0.1f), op_mse_pair(t, x[0], x[1], 0.05f), NULL };
	const float weight[] = { 0.5f, 2, -0.25f };

	(void)row;
	loss[2] = loss[0];
	return op_sum(t, 3, loss, weight);
}

static struct var *
build_mean(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_mean_tokens(t, x[0], 1, 3);
}

static struct var *
build_dropout(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_dropout(t, x[0], 0.4f, some_rng());
}

static struct var *
build_drop_path(struct tape *t, struct var **x, const struct row *row)
{
	return op_drop_path(t, x[0], row->option ? x[0] : x[1], 0.4f, some_rng());
}

static struct var *
build_batchnorm(struct tape *t, struct var **x, const struct row *row)
{
	struct var *y = op_batchnorm(t, x[0], row->option ? x[1] : NULL, row->option ? x[2] : NULL, 1e-5f);

	return row->option ? y : op_add(t, y, x[0]);
}

static struct var *
build_relu(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_relu(t, x[0]);
}

static struct var *
build_mse(struct tape *t, struct var **x, const struct row *row)
{
	return row->option ? op_mse_pair(t, x[0], x[1], 0.1f) : op_mse(t, x[0], folded, 0.1f);
}

static struct var *
build_crossentropy(struct tape *t, struct var **x, const struct row *row)
{
	double entropy;

	(void)row;
	return op_crossentropy(t, x[0], x[1], 0.2f, &entropy);
}

/* option: 0 plain, 1 smoothed, weighted, a row without label */
static struct var *
build_label_crossentropy(struct tape *t, struct var **x, const struct row *row)
{
	static const int label[2][5] = { { 8, 0, 3, 3, 5 }, { 8, 0, -1, 3, 5 } };
	static const float weight[5] = { 0.3f, 1, 2, 0.7f, 1.5f };
	double right;

	return op_label_crossentropy(
		t, x[0], label[row->option], row->option ? weight : NULL, row->option ? 0.1f : 0, 0.2f, &right);
}

static struct var *
build_cosine(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_cosine(t, x[0], x[1], 0.2f);
}

static struct var *
build_infonce(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_infonce(t, x[0], x[1], 0.3f, 0.2f);
}

static struct var *
build_gelu(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_gelu(t, x[0]);
}

static struct var *
build_conv(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_conv(t, x[0], x[1], x[2]);
}

static struct var *
build_shuffle(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_shuffle(t, x[0]);
}

static struct var *
build_pool(struct tape *t, struct var **x, const struct row *row)
{
	(void)row;
	return op_pool(t, x[0]);
}

/* to `option` rows, and columns that are no multiple of what was there; a second input is added */
static struct var *
build_upsample(struct tape *t, struct var **x, const struct row *row)
{
	return op_upsample(t, x[0], row->option, 7, x[1]);
}

/* the labels of 7 x 9 pixels, some of them void */
static struct var *
build_map_crossentropy(struct tape *t, struct var **x, const struct row *row)
{
	static const uint8_t some_labels[] = { 0, 3, 255, 1, 2, 2, 255, 255, 0, 1, 3 };
	uint8_t *labels = tape_keep(t, 2 * 7 * 9);
	double right;

	(void)row;
	for (int i = 0; i < 2 * 7 * 9; i++)
		labels[i] = some_labels[i % (int)sizeof some_labels];
	return op_segmap_crossentropy(t, x[0], labels, 7, 9, 0.05f, &right);
}

/* a grid of 3 x 5 in windows of `option` */
static struct var *
build_window(struct tape *t, struct var **x, const struct row *row)
{
	return op_window(t, x[0], 3, 5, row->option);
}

static struct var *
build_unwindow(struct tape *t, struct var **x, const struct row *row)
{
	return op_unwindow(t, x[0], 3, 5, row->option);
}

static const float some[] = { 1, 0, 0.5f, 2, 0.25f, 1, 0, 1, 0.75f, 1, 0.5f, 1 };

static struct var *
build_focal(struct tape *t, struct var **x, const struct row *row)
{
	static const int target[] = { 0, FOCAL_NONE, 2, FOCAL_IGNORE, 1 };

	return op_focal(t, x[0], target, 0.25f, (float)row->option, 0.2f);
}

static struct var *
build_giou(struct tape *t, struct var **x, const struct row *row)
{
	static const float target[] = { 1, 1, 1, 1, 1, 1.1f, 0.9f, 1, 1, 1, 1, 1, 1, 0.9f, 1.1f, 1, 1.1f, 1, 1, 1 };

	(void)row;
	return op_giou(t, x[0], target, some, 0.2f);
}

static struct var *
build_bce(struct tape *t, struct var **x, const struct row *row)
{
	static const float target[] = { 0, 1, 0.5f, 0.1f, 0.9f, 0, 1, 1, 0.3f, 0.7f, 0, 1 };

	(void)row;
	return op_bce(t, x[0], target, some, 0.2f);
}

/* an MLP with its residual, on the tape or through op_recompute */
static struct var *
block(struct tape *t, struct var *const *x, const void *arg)
{
	struct var *const *w = arg;
	struct var *h = op_linear(t, op_norm(t, x[0], w[2], w[2], 1e-6f), w[0], NULL, ACT_GELU);

	return op_linear_add(t, h, w[1], NULL, op_add(t, x[0], x[1]));
}

static struct var *
build_block(struct tape *t, struct var **x, const struct row *row)
{
	struct var **w = tape_keep(t, 3 * sizeof *w);

	memcpy(w, x + 2, 3 * sizeof *w);
	return row->option ? op_recompute(t, block, 2, x, w) : block(t, x, w);
}

/* what the test must catch: y = 1.01 x to the one way, x to the other */
static void
wrong_back(void *op)
{
	struct var **v = op;

	var_seed(v[0], v[1]->dx, 1.01f);
}

static struct var *
build_wrong(struct tape *t, struct var **x, const struct row *row)
{
	struct var **v = tape_keep(t, 2 * sizeof *v);

	(void)row;
	v[0] = x[0];
	v[1] = tape_wrap(t, x[0]->x, NULL, 2, 3, 7, 0, 0);
	v[1]->dx = t->on ? tape_keep(t, 21 * sizeof(float)) : NULL;
	tape_push(t, wrong_back, v, v[1], TAPE_INPUTS(v[0]));
	return v[1];
}

#endif
