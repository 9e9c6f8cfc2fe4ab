/* pretrain - self-supervised pre-training: TSCAE, or MAE as the baseline (formats/method.md)

   loss = w_pixel loss_pixel + w_contrast loss_contrast + w_global loss_global + w_student_pixel loss_student_pixel.
   loss_contrast may couple the images of a batch (batch norm, negatives) and is the batch loss; the others are sums
   over images, computed for each micro-batch. */
#include "task/pretrain.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/encoder.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"
#include "nn/params.h"
#include "stream/record.h"
#include "transform/patch.h"
#include "transform/patch_mask.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { COUPLED_DECODER, COUPLED_STUDENT, COUPLED };

static const char *const terms[PRETRAIN_TERMS + 1] = {
	[PRETRAIN_PIXEL] = "loss_pixel", [PRETRAIN_CONTRAST] = "loss_contrast", [PRETRAIN_GLOBAL] = "loss_global",
	    [PRETRAIN_STUDENT_PIXEL] = "loss_student_pixel",
	[PRETRAIN_SPREAD] = "spread", [PRETRAIN_ENTROPY] = "entropy"
};

/* the images of one micro-batch */
struct pretrain_slice {
	const struct batch *b;
	int n;
	const uint8_t *images;
	struct mask_index split;
	struct patch grid;
	struct noise noise;
};

/* a weighted sum of losses */
struct pretrain_sum {
	int count;
	struct var *losses[PRETRAIN_TERMS];
	float weights[PRETRAIN_TERMS];
};

/* Take mask_ratio and patch from the header of the stream. */
static int
adopt(struct config *c, const struct header *h)
{
	const struct value *patch = record_get(&h->extra, "patch");
	const long size = patch && patch->kind == VALUE_INT && patch->integer > 0 ? (long)patch->integer : 0;
	double ratio;
	const int has_ratio = patch_mask_ratio(h, &ratio);

	if (has_ratio < 0)
		return -1;
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
	free(self);
}

static struct pretrain_slice *
take_slice(const struct config *c, struct tape *t, const struct batch *b, int first, int n)
{
	struct pretrain_slice *s = tape_keep(t, sizeof *s);

	assert(b->S == c->image && b->P == config_patches(c) && b->masked == config_masked(c));
	*s = (struct pretrain_slice){
		.b = b, .n = n,
		.images = b->images + (size_t)first * (size_t)(3 * b->S * b->S),
		.split = mask_index_build(t, b->masks + (size_t)first * (size_t)b->P, n, b->P, b->masked),
		.grid = { b->S, b->S, (int)c->patch, (enum patch_scale)c->mean_std },
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
	float *target = tape_keep(t, (size_t)var_count(pred) * sizeof *target);
	int i;

	for (i = 0; i < s->n; i++)
		patch_target(&s->grid, s->images + (size_t)i * (size_t)(3 * s->b->S * s->b->S), list + i * count, count,
		    c->norm_pix, target + (size_t)i * (size_t)(count * width));
	return op_mse(t, pred, target, (float)(1 / ((double)s->b->N * count * width)));
}

static void
add(struct pretrain_sum *sum, struct var *loss, double weight, double *term)
{
	sum->losses[sum->count] = loss;
	sum->weights[sum->count++] = (float)weight;
	*term += loss->x[0];
}

/* loss_global: cross-entropy between softmax distributions over the channels, in one or both directions */
static void
global_loss(const struct config *c, struct tape *t, const struct pretrain_slice *s, struct var *d, struct var *masked,
	struct pretrain_sum *sum, double *out)
{
	const bool both = c->global == GLOBAL_SYMMETRIC;
	const float scale = (both ? 0.5f : 1.0f) / (float)s->b->N;
	struct var *target_d = c->global_detach ? op_detach(t, d) : d, *target_masked = c->global_detach ? op_detach(t,
	    masked) : masked;
	double entropy, total = 0;

	if (c->global != GLOBAL_TEACHER_TARGET) {
		add(sum, op_crossentropy(t, d, target_masked, scale, &entropy), c->w_global, &out[PRETRAIN_GLOBAL]);
		total += entropy;
	}
	if (c->global != GLOBAL_STUDENT_TARGET) {
		add(sum, op_crossentropy(t, masked, target_d, scale, &entropy), c->w_global, &out[PRETRAIN_GLOBAL]);
		total += entropy;
	}
	out[PRETRAIN_ENTROPY] = (both ? total / 2 : total) * s->n / s->b->N;
}

static void
forward_tscae(const struct pretrain *self, struct tape *t, const struct pretrain_slice *s, struct part_loss *out)
{
	const struct config *c = &self->config;
	const struct tscae *m = &self->tscae;
	const struct tscae_input in = { encoder_embed(&m->encoder, t, s->images, s->n, s->b->S, s->b->S), &s->split,
	    &s->noise, .train = true };
	struct var *decoder = tscae_decoder(m, t, &in, tscae_teacher(m, t, &in)), *d;
	struct tscae_student student = tscae_student(m, t, &in);
	struct pretrain_sum sum = { 0 };

	d = token_sequence_slice(t, decoder, 1, s->split.M);
	add(&sum, pixel_loss(c, t, s, tscae_pixels(m, t, d), s->split.masked, s->split.M), c->w_pixel,
	    &out->terms[PRETRAIN_PIXEL]);
	global_loss(c, t, s, op_mean_tokens(t, decoder, 0, 1), student.masked, &sum, out->terms);
	if (student.pixels)
		add(&sum, pixel_loss(c, t, s, student.pixels, s->split.visible, s->split.V), c->w_student_pixel,
		    &out->terms[PRETRAIN_STUDENT_PIXEL]);
	else
		out->terms[PRETRAIN_STUDENT_PIXEL] = NAN;
	out->loss = op_sum(t, sum.count, sum.losses, sum.weights);
	out->coupled_count = COUPLED;
	out->coupled[COUPLED_DECODER] = d;
	out->coupled[COUPLED_STUDENT] = student.patches;
}

static void
forward_mae(const struct pretrain *self, struct tape *t, const struct pretrain_slice *s, struct part_loss *out)
{
	const struct mae *m = &self->mae;
	struct var *patches = encoder_embed(&m->encoder, t, s->images, s->n, s->b->S, s->b->S);
	struct var *pred = mae_decoder(m, t, mae_encoder(m, t, patches, &s->split), &s->split, false);
	struct pretrain_sum sum = { 0 };
	int i;

	add(&sum, pixel_loss(&self->config, t, s, pred, s->split.masked, s->split.M), self->config.w_pixel,
	    &out->terms[PRETRAIN_PIXEL]);
	for (i = PRETRAIN_PIXEL + 1; i < PRETRAIN_TERMS; i++)
		out->terms[i] = NAN;
	out->loss = op_sum(t, sum.count, sum.losses, sum.weights);
}

static void
forward(void *arg, struct tape *t, const struct batch *b, int first, int n, struct part_loss *out)
{
	const struct pretrain *self = arg;
	const struct pretrain_slice *s = take_slice(&self->config, t, b, first, n);

	*out = (struct part_loss){ 0 };
	if (self->config.objective == OBJECTIVE_MAE)
		forward_mae(self, t, s, out);
	else
		forward_tscae(self, t, s, out);
}

/* the mean over channels of the standard deviation over all rows of x / |x|, times sqrt(D): 1 if directions are
   random */
static double
spread(struct tape *t, const struct var *x)
{
	const int rows = var_rows(x), D = var_width(x);
	double *sum = tape_keep(t, (size_t)(2 * D) * sizeof *sum), *squares = sum + D, total = 0;
	int i, k;

	memset(sum, 0, (size_t)(2 * D) * sizeof *sum);
	for (i = 0; i < rows; i++) {
		const float *row = x->x + (size_t)i * (size_t)D;
		double length = 0;

		for (k = 0; k < D; k++)
			length += (double)row[k] * row[k];
		length = length > 0 ? sqrt(length) : 1;
		for (k = 0; k < D; k++) {
			double u = row[k] / length;

			sum[k] += u;
			squares[k] += u * u;
		}
	}
	for (k = 0; k < D; k++)
		total += sqrt(fmax(squares[k] / rows - sum[k] / rows * (sum[k] / rows), 0));
	return total / D * sqrt(D);
}

static void
batch_loss(void *arg, struct tape *t, const struct batch *b, struct var *const *inputs, struct part_loss *out)
{
	const struct pretrain *self = arg;
	const struct config *c = &self->config;
	const struct tscae *m = &self->tscae;
	struct var *d = inputs[COUPLED_DECODER], *s = inputs[COUPLED_STUDENT];
	const double rows = (double)b->N * b->masked;
	struct pretrain_sum sum = { 0 };
	double *loss_contrast = &out->terms[PRETRAIN_CONTRAST];

	*out = (struct part_loss){ 0 };
	switch ((enum config_contrast)c->contrast) {
	case CONTRAST_SIMSIAM:
		add(&sum, op_cosine(t, tscae_predictor(m, t, d), op_detach(t, s), (float)(0.5 / rows)), c->w_contrast,
		    loss_contrast);
		add(&sum, op_cosine(t, tscae_predictor(m, t, s), op_detach(t, d), (float)(0.5 / rows)), c->w_contrast,
		    loss_contrast);
		break;
	case CONTRAST_INFONCE:
		add(&sum, op_infonce(t, d, s, (float)c->temperature, (float)(1 / rows)), c->w_contrast, loss_contrast);
		break;
	case CONTRAST_MSE:
		add(&sum, op_mse_pair(t, d, s, (float)(1 / (rows * var_width(d)))), c->w_contrast, loss_contrast);
		break;
	}
	out->terms[PRETRAIN_STUDENT_PIXEL] = c->w_student_pixel > 0 ? 0 : NAN;
	out->terms[PRETRAIN_SPREAD] = spread(t, s);
	out->loss = op_sum(t, sum.count, sum.losses, sum.weights);
}

void
pretrain_reconstruct(const struct pretrain *self, struct tape *t, const struct batch *b, int first, int n, uint8_t *out)
{
	const struct pretrain_slice *s = take_slice(&self->config, t, b, first, n);
	const size_t image = (size_t)(3 * b->S * b->S);
	struct var *pred;
	int i;

	if (self->config.objective == OBJECTIVE_MAE) {
		const struct mae *m = &self->mae;

		pred = mae_encoder(m, t, encoder_embed(&m->encoder, t, s->images, n, b->S, b->S), &s->split);
		pred = mae_decoder(m, t, pred, &s->split, false);
	} else {
		const struct tscae *m = &self->tscae;
		const struct tscae_input in = { encoder_embed(&m->encoder, t, s->images, n, b->S, b->S), &s->split,
		    &s->noise, .train = false };

		pred = tscae_decoder(m, t, &in, tscae_teacher(m, t, &in));
		pred = tscae_pixels(m, t, token_sequence_slice(t, pred, 1, s->split.M));
	}
	memcpy(out, s->images, (size_t)n * image);
	for (i = 0; i < n; i++)
		patch_write(&s->grid, pred->x + (size_t)i * (size_t)(s->split.M * var_width(pred)),
		    s->split.masked + i * s->split.M, s->split.M, self->config.norm_pix, out + (size_t)i * image);
}

const struct task pretrain_task = {
	.name = "pretrain", .terms = terms, .needs = BATCH_MASKS,
	.adopt = adopt, .open = open_task, .forward = forward, .batch_loss = batch_loss, .close = close_task
};
