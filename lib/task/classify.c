/* classify - image classification: encoder, mean of the patch outputs, norm, linear

   loss = cross-entropy of softmax(head(norm(mean of the patch outputs))) against the class, with label smoothing; for a
   mixed image the sum over both classes by weight. Only mixed images couple images of a batch. */
#include "task/classify.h"
#include "annotation/class_list.h"
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

static const char *const terms[] = { [CLASSIFY_TOP1] = "top1", [CLASSIFY_TERMS] = NULL };

static void *
open_task(const struct config *c, struct params *p)
{
	struct config complete = *c;
	struct classify *self;
	int D, grid;

	if (!c->variant.pool_norm) {
		err(ERR_DATA, "a classifier of an older version, with a norm before the mean of the patches: train "
			"it again");
		return NULL;
	}
	if (config_complete(&complete) < 0)
		return NULL;
	if (complete.classes < 2) {
		err(ERR_USAGE, "classes=%ld: a classifier needs at least 2", complete.classes);
		return NULL;
	}
	D = (int)complete.embed_dim;
	grid = (int)(complete.image / complete.patch);
	self = mem_new(sizeof *self);
	self->config = complete;
	encoder_open(&self->encoder, &complete, p);
	self->head.w = params_add(p, INIT_SMALL, 2, (int)complete.classes, D, 0, 0, "head.weight");
	self->head.b = params_add(p, INIT_ZERO, 1, (int)complete.classes, 0, 0, 0, "head.bias");
	pos_embed_open(&self->position, grid, grid, D);
	return self;
}

static void
close_task(void *arg)
{
	struct classify *self = arg;

	encoder_close(&self->encoder);
	pos_embed_close(&self->position);
	free(self);
}

struct var *
classify_logits(const struct classify *self, struct tape *t, const struct pos_embed *position, const uint8_t *images,
	int n, int H, int W, const struct noise *noise)
{
	struct var *x = encoder_train(&self->encoder, t, position, images, n, H, W, noise);

	return layer_forward(t, encoder_mean(&self->encoder, t, x, self->encoder.depth), self->head, ACT_NONE);
}

/* The images of a micro-batch and their classes: a with `weight`, b with 1 - weight. */
struct classify_slice {
	const uint8_t *images;
	int *a, *b;
	float *weight, *rest;
};

static struct classify_slice
take_slice(const struct config *c, struct tape *t, const struct batch *b, int first, int n)
{
	const size_t image = b->image_bytes;
	const bool mixed = c->mixup > 0 || c->cutmix > 0;
	uint8_t *images = mixed ? tape_array(t, (size_t)n, image) : NULL;
	struct classify_slice s = {
		mixed ? images : b->images + (size_t)first * image, tape_array(t, (size_t)n, sizeof *s.a),
		    tape_array(t, (size_t)n, sizeof *s.b),
		tape_array(t, (size_t)n, sizeof *s.weight), tape_array(t, (size_t)n, sizeof *s.rest)
	};
	int i;

	for (i = 0; i < n; i++) {
		const struct mix m = mix_draw(b, first + i, c->mixup, c->cutmix);

		if (mixed)
			mix_image(b, first + i, &m, images + (size_t)i * image);
		s.a[i] = b->class[first + i];
		s.b[i] = b->class[m.partner];
		s.weight[i] = m.weight;
		s.rest[i] = 1 - m.weight;
	}
	return s;
}

static void
forward(void *arg, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out)
{
	static const float both[2] = { 1, 1 };
	const struct classify *self = arg;
	const struct config *c = &self->config;
	const struct classify_slice s = take_slice(c, t, b, first, n);
	const struct noise noise = { b->seed, b->step, (const char (*)[NOISE_KEY_SIZE])&b->keys[first] };
	const float smoothing = (float)c->label_smoothing, scale = 1 / (float)b->N;
	struct var *logits, *losses[2];
	double correct[2] = { 0 };

	assert(b->S == c->image && b->classes == c->classes);
	*out = (struct part_loss){ 0 };
	logits = classify_logits(self, t, &self->position, s.images, n, b->S, b->S, &noise);
	losses[0] = op_label_crossentropy(t, logits, s.a, s.weight, smoothing, scale, &correct[0]);
	out->loss = losses[0];
	if (c->mixup > 0 || c->cutmix > 0) {
		losses[1] = op_label_crossentropy(t, logits, s.b, s.rest, smoothing, scale, &correct[1]);
		out->loss = op_sum(t, 2, losses, both);
	}
	out->terms[CLASSIFY_TOP1] = (correct[0] + correct[1]) / b->N;
}

const struct task classify_task = {
	.name = "classify", .terms = terms, .needs = BATCH_CLASS, .classes = CLASS_LIST_GT, .downstream = true,
	.pool_norm = true,
	/* formats/method.md, Classification */
	.recipe = { .base_lr = 1e-3, .small_lr = 4e-3, .beta2 = 0.999, .weight_decay = 0.05, .warmup_ratio = 0.1,
	    .layer_decay = 0.75 },
	.open = open_task, .forward = forward, .close = close_task
};
