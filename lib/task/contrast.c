/* contrast - the losses between teacher and student (formats/method.md, Contrast)

   Losses that couple the images of a batch (batch norm, negatives) are the batch loss of its coupled outputs; the
   crossentropy of the global query is a sum over images. */
#include "task/contrast.h"
#include "base/mem.h"
#include "model/token_sequence.h"
#include "model/tscae.h"
#include "nn/op.h"
#include "task/pretrain.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The factor of the contrast losses at this step: 0 before contrast_start, then rising linearly to 1 over contrast_ramp
   steps. */
static double
ramp(const struct config *c, long step)
{
	const long done = step - c->contrast_start + 1;

	return done <= 0 ? 0 : done < c->contrast_ramp ? (double)done / (double)c->contrast_ramp : 1;
}

bool
contrast_needs_student(const struct config *c, long step)
{
	return c->w_student_pixel > 0 || (ramp(c, step) > 0 &&
	    (c->image_contrast != IMAGE_CONTRAST_OFF || c->patch_contrast != PATCH_CONTRAST_OFF));
}

void
contrast_crossentropy(const struct config *c, struct tape *t, int n, const struct batch *b, struct var *d,
	struct var *masked, struct loss_sum *sum, double *out)
{
	const bool both = c->crossentropy_target == TARGET_SYMMETRIC;
	const float scale = (both ? 0.5f : 1.0f) / (float)b->N;
	const double weight = c->w_image_contrast * ramp(c, b->step);
	struct var *target_d = c->crossentropy_detach ? op_detach(t, d) : d;
	struct var *target_masked = c->crossentropy_detach ? op_detach(t, masked) : masked;
	double entropy, total = 0;

	if (c->crossentropy_target != TARGET_TEACHER) {
		loss_sum_add(sum, op_crossentropy(t, d, target_masked, scale, &entropy), weight, &out[PRETRAIN_IMAGE]);
		total += entropy;
	}
	if (c->crossentropy_target != TARGET_STUDENT) {
		loss_sum_add(sum, op_crossentropy(t, masked, target_d, scale, &entropy), weight, &out[PRETRAIN_IMAGE]);
		total += entropy;
	}
	out[PRETRAIN_ENTROPY] = (both ? total / 2 : total) * n / b->N;
}

static void
couple(struct part_loss *out, struct var *v)
{
	out->coupled[out->coupled_count++] = v;
}

/* The vectors of the images; the patches that decoder and student have in common. Without patch contrast the student's
   patches are for the collapse monitor only. */
void
contrast_couple(const struct config *c, struct tape *t, const struct mask_index *m, const struct tscae_outputs *teacher,
	const struct tscae_decoded *decoded, const struct tscae_outputs *student, struct part_loss *out)
{
	struct var *d = decoded->patches, *s = student->patches;

	if (config_projects(c)) {
		const enum config_image_pool pool = (enum config_image_pool)c->image_pool;

		couple(out, pool == IMAGE_POOL_QUERY ? decoded->global
		    : pool == IMAGE_POOL_CLASS ? teacher->class : op_mean_tokens(t, teacher->patches, 0, m->V));
		couple(out, pool == IMAGE_POOL_CLASS ? student->class : op_mean_tokens(t, s, 0, s->shape[1]));
	}
	if (c->patch_contrast != PATCH_CONTRAST_OFF) {
		if (m->Q > m->K)
			d = token_sequence_select(t, d, m->common, m->K);
		if (m->K > m->Q)
			s = token_sequence_select(t, s, m->common, m->Q);
		couple(out, d);
		couple(out, s);
	} else if (config_projects(c)) {
		couple(out, op_detach(t, s));
	}
}

/* |x|; 1 for zeros, so that it can divide */
static double
length_of(const float *x, long D)
{
	double squares = 0;
	long k;

	for (k = 0; k < D; k++)
		squares += (double)x[k] * x[k];
	return squares > 0 ? sqrt(squares) : 1;
}

/* the mean over channels of the standard deviation over all rows of x / |x|, times sqrt(D): 1 if directions are
   random */
static double
spread(struct tape *t, const struct var *x)
{
	const int rows = var_rows(x), D = var_width(x);
	double *sum = tape_array(t, (size_t)D, 2 * sizeof *sum), *squares = sum + D, total = 0;
	int i, k;

	memset(sum, 0, (size_t)(2 * D) * sizeof *sum);
	for (i = 0; i < rows; i++) {
		const float *row = x->x + (size_t)i * (size_t)D;
		const double length = length_of(row, D);

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

/* The anchors of InfoNCE for the vectors x: themselves, or their nearest neighbors among earlier images. */
static struct var *
anchors(const struct tscae *m, struct tape *t, struct var *x)
{
	return m->queue < 0 ? x : op_nearest(t, x, tape_param(t, m->queue));
}

/* InfoNCE in both directions between the projected vectors of teacher and student */
static void
image_loss(struct pretrain *self, struct tape *t, int N, double weight, struct var *teacher, struct var *student,
	struct loss_sum *sum, double *out)
{
	const struct config *c = &self->config;
	const struct tscae *m = &self->tscae;
	const float temperature = (float)c->image_temperature, scale = (float)(0.5 / N);
	struct var *a = tscae_project(m, t, teacher), *b = tscae_project(m, t, student);

	loss_sum_add(sum, op_infonce(t, anchors(m, t, a), b, temperature, scale), weight * c->w_image_contrast, out);
	loss_sum_add(sum, op_infonce(t, anchors(m, t, b), a, temperature, scale), weight * c->w_image_contrast, out);
	if (m->queue >= 0) {
		if (!self->vectors)
			self->vectors = mem_array((size_t)var_count(a), sizeof *self->vectors);
		memcpy(self->vectors, a->x, (size_t)var_count(a) * sizeof *self->vectors);
	}
}

static void
patch_loss(const struct pretrain *self, struct tape *t, double weight, struct var *d, struct var *s,
	struct loss_sum *sum, double *out)
{
	const struct config *c = &self->config;
	const struct tscae *m = &self->tscae;
	const double rows = var_rows(d);

	weight *= c->w_patch_contrast;
	switch ((enum config_patch_contrast)c->patch_contrast) {
	case PATCH_CONTRAST_SIMSIAM:
		loss_sum_add(sum, op_cosine(t, tscae_predictor(m, t, d), op_detach(t, s), (float)(0.5 / rows)), weight,
		    out);
		loss_sum_add(sum, op_cosine(t, tscae_predictor(m, t, s), op_detach(t, d), (float)(0.5 / rows)), weight,
		    out);
		break;
	case PATCH_CONTRAST_INFONCE:
		loss_sum_add(sum, op_infonce(t, d, s, (float)c->patch_temperature, (float)(1 / rows)), weight, out);
		break;
	case PATCH_CONTRAST_MSE:
		loss_sum_add(sum, op_mse_pair(t, d, s, (float)(1 / (rows * var_width(d)))), weight, out);
		break;
	case PATCH_CONTRAST_OFF:
	case PATCH_CONTRAST_AUTO:
		break;
	}
}

/* inputs: the outputs of contrast_couple() */
void
contrast_batch_loss(void *arg, struct tape *t, const struct batch *b, struct var *const *inputs,
	struct part_loss *out)
{
	struct pretrain *self = arg;
	const struct config *c = &self->config;
	const bool images = config_projects(c), patches = c->patch_contrast != PATCH_CONTRAST_OFF;
	const double weight = ramp(c, b->step);
	struct var *const *last = inputs + (images ? 2 : 0);
	struct loss_sum sum = { 0 };

	*out = (struct part_loss){ 0 };
	if (!images && c->image_contrast != IMAGE_CONTRAST_CROSSENTROPY)
		out->terms[PRETRAIN_IMAGE] = NAN;
	if (!patches)
		out->terms[PRETRAIN_PATCH] = NAN;
	if (!contrast_needs_student(c, b->step)) {
		out->terms[PRETRAIN_IMAGE] = out->terms[PRETRAIN_PATCH] = out->terms[PRETRAIN_SPREAD] = NAN;
		return;
	}
	if (images)
		image_loss(self, t, b->N, weight, inputs[0], inputs[1], &sum, &out->terms[PRETRAIN_IMAGE]);
	if (patches)
		patch_loss(self, t, weight, last[0], last[1], &sum, &out->terms[PRETRAIN_PATCH]);
	out->terms[PRETRAIN_SPREAD] = spread(t, last[patches]);
	out->loss = loss_sum_build(&sum, t);
}

/* nnclr: the vectors of this batch replace the oldest ones, at unit length */
void
contrast_after_step(void *arg, struct params *p, const struct batch *b)
{
	struct pretrain *self = arg;
	const struct config *c = &self->config;
	const long D = c->projection_dim, Q = c->queue_size;
	float *queue;
	long i, k;

	if (!self->vectors || self->tscae.queue < 0 || !contrast_needs_student(c, b->step))
		return;
	queue = p->values + p->list[self->tscae.queue].offset;
	for (i = 0; i < b->N; i++) {
		const float *from = self->vectors + i * D;
		float *to = queue + (b->step * b->N + i) % Q * D;
		const double length = length_of(from, D);

		for (k = 0; k < D; k++)
			to[k] = (float)(from[k] / length);
	}
}
