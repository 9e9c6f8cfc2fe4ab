/* pretrain - self-supervised pre-training: TSCAE, or MAE as the baseline (formats/method.md)

   loss = w_pixel loss_pixel + w_image_contrast loss_image_contrast + w_patch_contrast loss_patch_contrast
   + w_student_pixel loss_student_pixel. Losses that couple the images of a batch (batch norm, negatives) are the batch
   loss; the others are sums over images, computed for each micro-batch. */
#include "task/pretrain.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/encoder.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/record.h"
#include "task/contrast.h"
#include "transform/patch.h"
#include "transform/patch_mask.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char *const terms[PRETRAIN_TERMS + 1] = {
	[PRETRAIN_PIXEL] = "loss_pixel", [PRETRAIN_IMAGE] = "loss_image_contrast",
	[PRETRAIN_PATCH] = "loss_patch_contrast", [PRETRAIN_STUDENT_PIXEL] = "loss_student_pixel",
	[PRETRAIN_SPREAD] = "spread", [PRETRAIN_ENTROPY] = "entropy"
};

/* the images of one micro-batch */
struct pretrain_slice {
	const struct batch *b;
	int n;
	const uint8_t *images, *student_images;	/* the student's: NULL if it sees the same ones */
	struct mask_index split;
	struct patch grid;
	struct noise noise;
};

/* Take mask_ratio and patch from the header of the stream. */
static int
adopt(struct config *c, const struct header *h)
{
	const struct value *patch = record_get(&h->extra, "patch");
	const long size = patch && patch->kind == VALUE_INT && patch->integer > 0 ? (long)patch->integer : 0;
	const bool has_student = header_field(h, "student_image");
	double ratio;
	const int has_ratio = patch_mask_ratio(h, &ratio);

	if (has_ratio < 0)
		return -1;
	if (c->objective == OBJECTIVE_TSCAE && c->student_image == SWITCH_AUTO)
		c->student_image = has_student ? SWITCH_ON : SWITCH_OFF;
	if (c->objective == OBJECTIVE_TSCAE && c->student_image == SWITCH_ON && !has_student)
		return err(ERR_USAGE,
		    "student_image=on, but the stream has no field 'student_image'; use tscae-augment --student-image");
	if (c->patch == 0)
		c->patch = size;
	if (size && c->patch != size)
		return err(ERR_USAGE, "patch=%ld, but the stream was masked in patches of %ld", c->patch, size);
	if (has_ratio && c->mask_ratio == -1)
		c->mask_ratio = ratio;
	if (has_ratio && c->mask_ratio != ratio)
		return err(ERR_USAGE, "mask_ratio=%g, but the stream was masked with tscae-mask --mask-ratio %g",
		    c->mask_ratio, ratio);
	return 0;
}

static void *
open_task(const struct config *c, struct params *p)
{
	struct config complete = *c;
	struct pretrain *self;

	if (config_complete(&complete) < 0)
		return NULL;
	self = mem_new(sizeof *self);
	self->config = complete;
	if (complete.objective == OBJECTIVE_MAE)
		mae_open(&self->mae, &complete, p);
	else
		tscae_open(&self->tscae, &complete, p);
	return self;
}

static void
close_task(void *arg)
{
	struct pretrain *self = arg;

	if (self->config.objective == OBJECTIVE_MAE)
		mae_close(&self->mae);
	else
		tscae_close(&self->tscae);
	free(self->vectors);
	free(self);
}

static struct pretrain_slice *
take_slice(const struct config *c, struct tape *t, const struct batch *b, int first, int n)
{
	struct pretrain_slice *s = tape_keep(t, sizeof *s);
	const size_t from = (size_t)first * b->image_bytes;

	assert(b->S == c->image && b->P == config_patches(c) && b->masked == config_masked(c));
	*s = (struct pretrain_slice){
		.b = b, .n = n,
		.images = b->images + from,
		.student_images = b->student_images ? b->student_images + from : NULL,
		.split = mask_index_build(t, b->masks + (size_t)first * (size_t)b->P, n, b->P, b->masked),
		.grid = { b->S, b->S, (int)c->patch, &b->pixels },
		.noise = { b->seed, b->step, (const char (*)[NOISE_KEY_SIZE])&b->keys[first] }
	};
	return s;
}

/* mean squared error over the whole batch, of the `count` patches of `list` of each image */
static struct var *
pixel_loss(const struct config *c, struct tape *t, const struct pretrain_slice *s, struct var *pred, const int *list,
	int count)
{
	const int width = var_width(pred);
	float *target = tape_array(t, (size_t)var_count(pred), sizeof *target);
	int i;

	for (i = 0; i < s->n; i++)
		patch_target(&s->grid, s->images + (size_t)i * s->b->image_bytes, list + i * count, count,
		    c->norm_pix, target + (size_t)i * (size_t)(count * width));
	return op_mse(t, pred, target, (float)(1 / ((double)s->b->N * count * width)));
}

static struct var *
embed(const struct encoder *e, struct tape *t, const struct pretrain_slice *s, const uint8_t *images, const int *list,
	int length)
{
	return encoder_embed(e, t, images, s->n, s->b->S, s->b->S, list, length);
}

/* Outputs of the right shapes, which no loss uses: the shapes of coupled outputs are the same in every step. */
static struct tscae_outputs
absent_student(const struct tscae *m, struct tape *t, const struct mask_index *s)
{
	const struct tscae_outputs out = {
		.patches = tape_var(t, 3, s->n, s->K, m->encoder.D, 0, true),
		.class = tape_var(t, 2, s->n, m->encoder.D, 0, 0, true)
	};

	memset(out.patches->x, 0, (size_t)var_count(out.patches) * sizeof *out.patches->x);
	memset(out.class->x, 0, (size_t)var_count(out.class) * sizeof *out.class->x);
	return out;
}

static void
forward_tscae(const struct pretrain *self, struct tape *t, struct pretrain_slice *s, struct part_loss *out)
{
	const struct config *c = &self->config;
	const struct tscae *m = &self->tscae;
	const bool has_student = contrast_needs_student(c, s->b->step);
	struct tscae_input in = { .mask = &s->split, .noise = &s->noise, .train = true };
	struct tscae_outputs teacher, student;
	struct tscae_decoded decoded;
	struct loss_sum sum = { 0 };

	mask_index_draw(&s->split, t, config_student(c), config_predicted(c), &s->noise);
	if (s->student_images || s->split.K < s->split.M) {
		in.teacher = embed(&m->encoder, t, s, s->images, s->split.visible, s->split.V);
		if (has_student)
			in.student = embed(&m->encoder, t, s, s->student_images ? s->student_images : s->images,
			    s->split.student, s->split.K);
	} else {
		in.teacher = in.student = embed(&m->encoder, t, s, s->images, NULL, 0);
	}
	tscae_encoder(m, t, &in, &teacher, has_student ? &student : NULL);
	if (!has_student)
		student = absent_student(m, t, &s->split);
	decoded = tscae_decoder(m, t, &in, teacher.patches);
	loss_sum_add(&sum, pixel_loss(c, t, s, tscae_pixels(m, t, decoded.patches), s->split.predicted, s->split.Q),
	    c->w_pixel, &out->terms[PRETRAIN_PIXEL]);
	out->terms[PRETRAIN_ENTROPY] = out->terms[PRETRAIN_STUDENT_PIXEL] = NAN;
	if (has_student && c->image_contrast == IMAGE_CONTRAST_CROSSENTROPY)
		contrast_crossentropy(c, t, s->n, s->b, decoded.global, student.masked, &sum, out->terms);
	if (student.pixels) {
		out->terms[PRETRAIN_STUDENT_PIXEL] = 0;
		loss_sum_add(&sum, pixel_loss(c, t, s, student.pixels, s->split.visible, s->split.V),
		    c->w_student_pixel, &out->terms[PRETRAIN_STUDENT_PIXEL]);
	}
	out->loss = loss_sum_build(&sum, t);
	contrast_couple(c, t, &s->split, &teacher, &decoded, &student, out);
	if (out->coupled_count == 0) {
		out->terms[PRETRAIN_PATCH] = out->terms[PRETRAIN_SPREAD] = NAN;
		if (!has_student || c->image_contrast == IMAGE_CONTRAST_OFF)
			out->terms[PRETRAIN_IMAGE] = NAN;
	}
}

static void
forward_mae(const struct pretrain *self, struct tape *t, const struct pretrain_slice *s, struct part_loss *out)
{
	const struct mae *m = &self->mae;
	struct var *patches = embed(&m->encoder, t, s, s->images, s->split.visible, s->split.V);
	struct var *pred = mae_decoder(m, t, mae_encoder(m, t, patches, &s->split), &s->split, false);
	struct loss_sum sum = { 0 };
	int i;

	loss_sum_add(&sum, pixel_loss(&self->config, t, s, pred, s->split.masked, s->split.M), self->config.w_pixel,
	    &out->terms[PRETRAIN_PIXEL]);
	for (i = PRETRAIN_PIXEL + 1; i < PRETRAIN_TERMS; i++)
		out->terms[i] = NAN;
	out->loss = loss_sum_build(&sum, t);
}

static void
forward(void *arg, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out)
{
	const struct pretrain *self = arg;
	struct pretrain_slice *s = take_slice(&self->config, t, b, first, n);

	*out = (struct part_loss){ 0 };
	if (self->config.objective == OBJECTIVE_MAE)
		forward_mae(self, t, s, out);
	else
		forward_tscae(self, t, s, out);
}

int
pretrain_reconstruct(const struct pretrain *self, struct tape *t, const struct batch *b, int first, int n, uint8_t *out)
{
	const struct pretrain_slice *s = take_slice(&self->config, t, b, first, n);
	const size_t image = b->image_bytes;
	struct var *pred;
	int i;

	if (self->config.objective == OBJECTIVE_MAE) {
		const struct mae *m = &self->mae;

		pred = embed(&m->encoder, t, s, s->images, s->split.visible, s->split.V);
		pred = mae_decoder(m, t, mae_encoder(m, t, pred, &s->split), &s->split, false);
	} else {
		const struct tscae *m = &self->tscae;
		const struct tscae_input in = {
			.teacher = embed(&m->encoder, t, s, s->images, s->split.visible, s->split.V),
			.mask = &s->split, .noise = &s->noise, .train = false
		};
		struct tscae_outputs teacher;

		tscae_encoder(m, t, &in, &teacher, NULL);
		pred = tscae_pixels(m, t, tscae_decoder(m, t, &in, teacher.patches).patches);
	}
	if (var_check_finite("the prediction", var_count(pred), pred->x) < 0)
		return -1;
	memcpy(out, s->images, (size_t)n * image);
	for (i = 0; i < n; i++)
		patch_write(&s->grid, pred->x + (size_t)i * (size_t)(s->split.M * var_width(pred)),
		    s->split.masked + i * s->split.M, s->split.M, self->config.norm_pix, out + (size_t)i * image);
	return 0;
}

const struct task pretrain_task = {
	.name = "pretrain", .terms = terms, .needs = BATCH_MASKS,
	.adopt = adopt, .open = open_task, .forward = forward, .batch_loss = contrast_batch_loss,
	.after_step = contrast_after_step, .close = close_task
};
