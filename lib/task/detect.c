/* detect - object detection: training (FCOS, Tian et al. 2019, section 3)

   loss = focal(class) / positives + sum centerness (1 - GIoU) / sum centerness + bce(centerness) / positives.
   `positives` and the sum of centerness in the divisors are of the whole batch. They depend only on its boxes, so they
   are counted before the first forward pass. */
#include "task/detect.h"
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/layer.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "task/batch.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static const char *const terms[DETECT_TERMS + 1] = {
	[DETECT_CLASS] = "loss_class", [DETECT_BOX] = "loss_box", [DETECT_CENTER] = "loss_centerness",
	    [DETECT_POSITIVES] = "positives"
};

static const float alpha = 0.25f, focus = 2;	/* Lin et al., ICCV 2017 */

/* The targets of the points of one level, n images. */
struct detect_targets {
	int *class;
	float *box, *weight;	/* distances in strides; centerness, 0: no box */
	float *positive;	/* 1 or 0 */
};

/* divisors of the losses: points with a box, and the sum of their centerness, in the whole batch */
enum { POSITIVES, CENTERNESS };

static void *
open_task(const struct config *c, struct params *p)
{
	struct config complete = *c;
	struct detect *self;
	int grid;

	if (config_complete(&complete) < 0)
		return NULL;
	if (complete.classes < 1) {
		err(ERR_USAGE, "classes=%ld: a detector needs at least 1", complete.classes);
		return NULL;
	}
	grid = (int)(complete.image / complete.patch);
	self = mem_new(sizeof *self);
	self->config = complete;
	encoder_open(&self->encoder, &complete, p);
	fpn_open(&self->fpn, &complete, p);
	fcos_open(&self->head, &complete, p);
	pos_embed_open(&self->position, grid, grid, (int)complete.embed_dim);
	self->points = target_assign_points(grid, grid, (int)complete.patch);
	return self;
}

static void
close_task(void *arg)
{
	struct detect *self = arg;

	encoder_close(&self->encoder);
	pos_embed_close(&self->position);
	free(self);
}

/* distances from a point of the level to the edges of box k, in strides; returns the centerness */
static float
distances(const struct target_assign_level *level, int point, const struct boxes *boxes, int k,
	float distance[FCOS_EDGES])
{
	int i;

	target_assign_distances(level, point / level->columns, point % level->columns, boxes->box[k], distance);
	for (i = 0; i < FCOS_EDGES; i++)
		distance[i] /= level->stride;
	return target_assign_centerness(distance);
}

static void
count(const void *arg, struct tape *t, const struct batch *b, int i, double totals[BATCH_TOTALS])
{
	const struct detect *self = arg;
	int *which = tape_array(t, (size_t)self->points.count, sizeof *which), l, k;
	float distance[FCOS_EDGES];

	totals[POSITIVES] += target_assign_boxes(&self->points, &b->boxes[i], which);
	for (l = 0; l < FPN_LEVELS; l++) {
		const struct target_assign_level *level = &self->points.level[l];

		for (k = 0; k < level->rows * level->columns; k++)
			if (which[level->first + k] >= 0)
				totals[CENTERNESS] += (double)distances(level, k, &b->boxes[i], which[level->first + k],
				    distance);
	}
}

/* The targets of one level for images first .. first+n-1; which: (n, points). */
static struct detect_targets
targets(const struct detect *self, struct tape *t, const struct batch *b, int first, int n, int l, const int *which)
{
	const struct target_assign_level *level = &self->points.level[l];
	const int each = level->rows * level->columns;
	const size_t count = (size_t)n * (size_t)each;
	struct detect_targets to = { tape_array(t, count, sizeof *to.class),
	    tape_array(t, count, FCOS_EDGES * sizeof *to.box), tape_array(t, count, sizeof *to.weight),
	    tape_array(t, count, sizeof *to.positive) };
	int i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < each; k++) {
			const int at = i * each + k, box = which[i * self->points.count + level->first + k];

			to.class[at] = box >= 0 ? b->boxes[first + i].class[box] : box == TARGET_ASSIGN_IGNORE
			    ? FOCAL_IGNORE : FOCAL_NONE;
			to.positive[at] = box >= 0 ? 1 : 0;
			to.weight[at] = box >= 0 ? distances(level, k, &b->boxes[first + i], box,
			    to.box + FCOS_EDGES * at) : 0;
		}
	return to;
}

static void
forward(void *arg, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out)
{
	const struct detect *self = arg;
	const struct noise noise = { b->seed, b->step, (const char (*)[NOISE_KEY_SIZE])&b->keys[first] };
	const bool any = b->totals[POSITIVES] > 0;
	const float by_positives = any ? 1 / (float)b->totals[POSITIVES] : 1, by_centerness = any
	    ? (float)(1 / b->totals[CENTERNESS]) : 1;
	int *which = tape_array(t, mem_product((size_t)n, (size_t)self->points.count), sizeof *which),
	    grid = self->position.rows, i, l, own = 0;
	struct var *levels[FPN_LEVELS], *x, *losses[3 * FPN_LEVELS];
	static const float weights[3 * FPN_LEVELS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

	assert(b->S == self->config.image && b->boxes);
	*out = (struct part_loss){ 0 };
	for (i = 0; i < n; i++)
		own += target_assign_boxes(&self->points, &b->boxes[first + i], which + i * self->points.count);
	x = encoder_train(&self->encoder, t, &self->position, b->images + (size_t)first * b->image_bytes, n,
	    b->S, b->S, &noise);
	fpn_forward(&self->fpn, t, x, grid, grid, levels);
	for (l = 0; l < FPN_LEVELS; l++) {
		const struct fcos_out y = fcos_forward(&self->head, t, l, levels[l]);
		const struct detect_targets to = targets(self, t, b, first, n, l, which);

		losses[3 * l + DETECT_CLASS] = op_focal(t, y.class, to.class, alpha, focus, by_positives);
		losses[3 * l + DETECT_BOX] = op_giou(t, y.box, to.box, to.weight, by_centerness);
		losses[3 * l + DETECT_CENTER] = op_bce(t, y.center, to.weight, to.positive, by_positives);
		for (i = DETECT_CLASS; i <= DETECT_CENTER; i++)
			out->terms[i] += losses[3 * l + i]->x[0];
	}
	out->terms[DETECT_POSITIVES] = (double)own / b->N;
	out->loss = op_sum(t, 3 * FPN_LEVELS, losses, weights);
}

const struct task detect_task = {
	.name = "detect", .terms = terms, .needs = BATCH_BOXES, .classes = CLASS_LIST_GT, .downstream = true,
	/* ViTDet (Li et al. 2022, appendix A): AdamW 1e-4 at batch 64, layer decay 0.75 (0.7 base, 0.8 large),
	   weight decay 0.1 */
	.recipe = { .base_lr = 4e-4, .beta2 = 0.999, .weight_decay = 0.1, .warmup_ratio = 0.05, .layer_decay = 0.75 },
	.open = open_task, .count = count, .forward = forward, .close = close_task
};
