/* segment - semantic segmentation: encoder, simple feature pyramid, fused levels

   logits = linear(gelu(norm(conv(sum of the levels at the finest level's size)))), resampled to the image; loss = mean
   of -log softmax(logits)_label over the pixels of the batch that are not ignored. These are counted in the whole batch
   before the forward pass, so that micro-batches add up. */
#include "task/segment.h"
#include "annotation/class_list.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/layer.h"
#include "nn/op.h"
#include "nn/params.h"
#include "task/batch.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static const char *const terms[] = { [SEGMENT_ACCURACY] = "pixel_accuracy", [SEGMENT_TERMS] = NULL };

static void *
open_task(const struct config *c, struct params *p)
{
	struct config complete = *c;
	struct segment *self;
	int grid, C;

	if (config_complete(&complete) < 0)
		return NULL;
	if (complete.classes < 2 || complete.classes > SEGMAP_IGNORE) {
		err(ERR_USAGE, "classes=%ld: a segmentation map has 2 to %d classes", complete.classes, SEGMAP_IGNORE);
		return NULL;
	}
	grid = (int)(complete.image / complete.patch);
	self = mem_new(sizeof *self);
	self->config = complete;
	encoder_open(&self->encoder, &complete, p);
	fpn_open(&self->fpn, &complete, p);
	C = self->fpn.C;
	self->fuse = params_add(p, INIT_XAVIER, 4, C, 3, 3, C, "fuse.conv.weight");
	self->fuse_norm = layer_norm(p, C, "fuse.norm");
	self->head.w = params_add(p, INIT_XAVIER, 2, (int)complete.classes, C, 0, 0, "label_head.weight");
	self->head.b = params_add(p, INIT_ZERO, 1, (int)complete.classes, 0, 0, 0, "label_head.bias");
	pos_embed_open(&self->position, grid, grid, (int)complete.embed_dim);
	return self;
}

static void
close_task(void *arg)
{
	struct segment *self = arg;

	encoder_close(&self->encoder);
	pos_embed_close(&self->position);
	free(self);
}

struct var *
segment_logits(const struct segment *self, struct tape *t, const struct pos_embed *position, const uint8_t *images,
	int n, int H, int W, const struct noise *noise)
{
	struct var *levels[FPN_LEVELS], *x = encoder_train(&self->encoder, t, position, images, n, H, W, noise);
	int l;

	fpn_forward(&self->fpn, t, x, position->rows, position->columns, levels);
	x = levels[0];
	for (l = 1; l < FPN_LEVELS; l++)
		x = op_upsample(t, levels[l], x->shape[1], x->shape[2], x);
	x = layer_norm_forward(t, op_conv(t, x, tape_param(t, self->fuse), NULL), self->fuse_norm, BLOCK_EPS);
	return layer_forward(t, op_gelu(t, x), self->head, ACT_NONE);
}

/* the pixels that are not ignored */
static void
count(const void *self, struct tape *t, const struct batch *b, int i, double totals[BATCH_TOTALS])
{
	const size_t pixels = (size_t)b->S * (size_t)b->S;
	const uint8_t *labels = b->labels + (size_t)i * pixels;
	size_t k;

	(void)self, (void)t;
	for (k = 0; k < pixels; k++)
		totals[0] += labels[k] != SEGMAP_IGNORE;
}

static void
forward(void *arg, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out)
{
	const struct segment *self = arg;
	const struct noise noise = { b->seed, b->step, (const char (*)[NOISE_KEY_SIZE])&b->keys[first] };
	const size_t pixels = (size_t)b->S * (size_t)b->S;
	/* a batch of ignored pixels alone has loss 0 and no gradient */
	const double counted = b->totals[0] > 0 ? b->totals[0] : 1;
	struct var *x;
	double correct;

	assert(b->S == self->config.image && b->classes == self->config.classes);
	*out = (struct part_loss){ 0 };
	x = segment_logits(self, t, &self->position, b->images + (size_t)first * b->image_bytes, n, b->S, b->S, &noise);
	out->loss = op_segmap_crossentropy(t, x, b->labels + (size_t)first * pixels, b->S, b->S, (float)(1 / counted),
	    &correct);
	out->terms[SEGMENT_ACCURACY] = correct / counted;
}

const struct task segment_task = {
	.name = "segment", .terms = terms, .needs = BATCH_LABELS, .classes = CLASS_LIST_GT_SEGMAP, .downstream = true,
	/* formats/method.md, Segmentation */
	.recipe = { .base_lr = 1.6e-3, .beta2 = 0.999, .weight_decay = 0.05, .warmup_ratio = 0.1, .layer_decay = 0.75 },
	.open = open_task, .count = count, .forward = forward, .close = close_task
};
