/* model - identities of the models, and finite differences for configurations without a reference file */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"
#include "base/rng.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/token_sequence.h"
#include "model/tscae.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"
#include "task/batch.h"
#include "task/pretrain.h"
#include "task/task.h"
#include "train/engine.h"
#include "train/grad_shards.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 4, SETTINGS = 12 };

/* the objective before the contrast between images */
#define PATCHWISE "image_contrast=crossentropy", "student_keep=1"

/* a small model with all parts; each case adds settings */
static const char *const small[] = { "image=16", "patch=4", "embed_dim=24", "depth=2", "heads=3", "decoder_depth=2",
	NULL };
static const char *const small_mae[] = { "decoder_embed_dim=16", "decoder_heads=2", NULL };

struct setup {
	struct config config;
	struct params params;
	struct pretrain *self;
	struct batch batch;
	struct outcome outcome;
	float *grads;
};

static void
assign(struct opt *table, const char *const *settings)
{
	for (; *settings; settings++)
		if (opt_assign(table, *settings) < 0) {
			diag("%s", err_text());
			exit(1);
		}
}

static void
fill_batch(struct batch *b, const struct config *c)
{
	long order[256];
	int i, k;

	batch_open(b, N, c, BATCH_MASKS | (c->student_image == SWITCH_ON ? BATCH_STUDENT_IMAGE : 0));
	b->N = N;
	b->seed = 7;
	for (i = 0; i < N; i++) {
		struct rng r = rng_at(
			1, 0, "image", snprintf(b->keys[i], sizeof b->keys[i], "image %d", i) > 0 ? b->keys[i] : "");
		const double base = rng_unit(&r), slope = rng_unit(&r);

		for (k = 0; k < 3 * b->S * b->S; k++)
			b->images[i * 3 * b->S * b->S + k] = (uint8_t)(100 * base +
				60 * slope * (k % (3 * b->S)) / (3 * b->S) + 90 * rng_unit(&r));
		for (k = 0; b->student_images && k < 3 * b->S * b->S; k++)
			b->student_images[i * 3 * b->S * b->S + k] =
				(uint8_t)(b->images[i * 3 * b->S * b->S + k] / (2 + k % 3));
		for (k = 0; k < b->P; k++)
			order[k] = k;
		rng_shuffle(&r, order, b->P);
		for (k = 0; k < b->masked; k++)
			b->masks[i * b->P + order[k]] = 1;
	}
}

static void
setup_open(struct setup *s, const char *const *settings)
{
	struct opt table[CONFIG_ROWS_MAX];
	int i;
	size_t k;

	*s = (struct setup){ .config = config_default() };
	config_table(&s->config, table);
	assign(table, small);
	assign(table, settings);
	if (s->config.objective == OBJECTIVE_MAE)
		assign(table, small_mae);
	s->self = config_complete(&s->config) < 0 ? NULL : pretrain_task.open(&s->config, &s->params);
	if (!s->self) {
		diag("%s", err_text());
		exit(1);
	}
	params_build(&s->params);
	params_init(&s->params, 3);
	/* random biases and norms, larger tokens: no gradient is near zero */
	for (i = 0; i < s->params.count; i++) {
		const struct param *p = &s->params.list[i];
		struct rng r = rng_at(5, 0, "shake", p->name);

		for (k = 0; k < p->count; k++)
			s->params.values[p->offset + k] += (float)(0.1 * rng_normal(&r));
	}
	fill_batch(&s->batch, &s->config);
	s->grads = params_block(&s->params);
}

static void
setup_close(struct setup *s)
{
	batch_close(&s->batch);
	pretrain_task.close(s->self);
	params_block_free(s->grads);
	params_free(&s->params);
}

/* The engine of the trainer for a setup. */
struct machine {
	struct grad_shards shards;
	struct engine engine;
};

static void
machine_open(struct machine *m, const struct setup *s, int micro, long memory, int threads)
{
	m->engine = (struct engine){ .task = &pretrain_task,
		.self = s->self,
		.params = &s->params,
		.pool = pool_new(threads),
		.shards = &m->shards,
		.memory = memory };
	grad_shards_open(&m->shards, NULL, s->batch.N, s->batch.N < 4 ? s->batch.N : 4, micro);
	engine_open(&m->engine);
}

static void
machine_close(struct machine *m)
{
	engine_close(&m->engine);
	grad_shards_close(&m->shards);
	pool_free(m->engine.pool);
}

/* loss, terms and gradient, in micro-batches of `micro` images */
static void
run_on(struct setup *s, int micro, long memory, int threads)
{
	struct machine m;

	machine_open(&m, s, micro, memory, threads);
	engine_run(&m.engine, &s->batch, &s->outcome);
	memcpy(s->grads, m.engine.grads, s->params.size * sizeof *s->grads);
	machine_close(&m);
}

static void
run(struct setup *s, int micro, long memory)
{
	run_on(s, micro, memory, 1);
}

static double
relative(const float *a, const float *b, size_t n)
{
	double difference = 0, norm = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		difference += (a[i] - b[i]) * (a[i] - b[i]);
		norm += b[i] * b[i];
	}
	return norm > 0 ? sqrt(difference / norm) : sqrt(difference);
}

/* two runs agree to rounding; exactly with `bits` */
static void
agree(const struct setup *a, const struct setup *b, bool bits, const char *what)
{
	double loss = fabs(a->outcome.loss - b->outcome.loss) / fabs(b->outcome.loss),
		gradient = relative(a->grads, b->grads, a->params.size);
	int i;
	bool terms = true;

	for (i = 0; i < PRETRAIN_TERMS; i++) {
		double x = a->outcome.terms[i], y = b->outcome.terms[i];

		terms &= isnan(x) ? isnan(y) : fabs(x - y) <= (bits ? 0 : 1e-5) * fabs(y) + 1e-12;
	}
	if (bits)
		ok(a->outcome.loss == b->outcome.loss &&
				memcmp(a->grads, b->grads, a->params.size * sizeof *a->grads) == 0 && terms,
			"%s: same bits", what);
	else
		ok(loss < 1e-5 && gradient < 1e-4 && terms, "%s: loss differs by %.1g, gradient by %.1g", what, loss,
			gradient);
}

static const struct { const char *name; const char *settings[SETTINGS]; } cases[] = {
	{ "mae", { "objective=mae" } },
	{ "mae, norm_pix", { "objective=mae", "norm_pix=on" } },
	{ "simsiam", { PATCHWISE, "patch_contrast=simsiam" } },
	{ "mse", { PATCHWISE, "patch_contrast=mse" } },
	{ "infonce, norm_pix", { PATCHWISE, "patch_contrast=infonce", "norm_pix=on" } },
	{ "student pixels", { PATCHWISE, "patch_contrast=simsiam", "w_student_pixel=0.5", "norm_pix=on" } },
	{ "default", { NULL } },
	{ "default, economical, own student image", { "decoder_embed_dim=16", "decoder_heads=2", "predict_ratio=0.5",
		"decoder_self_attention=off", "mask_tokens=off", "student_image=on" } },
	{ "nnclr, patch contrast of subsets", { "image_contrast=nnclr", "queue_size=16", "patch_contrast=infonce",
		"student_keep=0.7", "predict_ratio=0.4", "student_image=on" } },
	{ "global query as the vector of the image", { "image_pool=query", "student_image=on" } },
	{ "class token, ramp", { "image_pool=class", "contrast_ramp=3" } },
	{ "before contrast_start", { "contrast_start=2", "patch_contrast=infonce", "student_keep=0.5" } },
	{ "paper", { "preset=paper", "decoder_depth=1" } },
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void
test_micro_batches(void)
{
	int i, micro;
	char what[96];

	for (i = 0; i < CASES; i++) {
		struct setup whole, parts;

		setup_open(&whole, cases[i].settings);
		setup_open(&parts, cases[i].settings);
		run(&whole, N, 0);
		for (micro = 1; micro < N; micro++) {
			run(&parts, micro, 0);
			snprintf(what, sizeof what, "%s: micro-batches of %d against one batch", cases[i].name, micro);
			agree(&parts, &whole, false, what);
		}
		run(&whole, 2, 0);
		run(&parts, 2, 1);
		snprintf(what, sizeof what, "%s: forward pass recomputed instead of kept", cases[i].name);
		agree(&parts, &whole, true, what);
		setup_close(&whole);
		setup_close(&parts);
	}
}

/* the mean of four batches of one image equals the batch of four if the loss does not couple images */
static void
test_single_batches(void)
{
	static const char *const settings[][SETTINGS] = { { "objective=mae", "norm_pix=on" },
		{ PATCHWISE, "patch_contrast=mse", "w_student_pixel=1" } };
	int i, n;
	size_t k;

	for (i = 0; i < 2; i++) {
		struct setup whole, one;
		struct batch all;
		float *mean;
		double loss = 0;

		setup_open(&whole, settings[i]);
		setup_open(&one, settings[i]);
		run(&whole, N, 0);
		mean = params_block(&one.params);
		all = one.batch;
		one.batch.N = 1;
		for (n = 0; n < N; n++) {
			one.batch.images = all.images + n * 3 * all.S * all.S;
			one.batch.masks = all.masks + n * all.P;
			run(&one, 1, 0);
			loss += one.outcome.loss / N;
			for (k = 0; k < one.params.size; k++)
				mean[k] += one.grads[k] / N;
		}
		one.batch = all;
		ok(fabs(loss - whole.outcome.loss) < 1e-6 * loss &&
				relative(mean, whole.grads, whole.params.size) < 1e-5,
			"%s: the mean of 4 batches of 1 image is the batch of 4 (gradient differs by %.1g)",
			settings[i][0], relative(mean, whole.grads, whole.params.size));
		params_block_free(mean);
		setup_close(&whole);
		setup_close(&one);
	}
}

static void
test_threads(void)
{
	int i, threads;

	for (i = 0; i < CASES; i++) {
		struct setup one, more;
		char what[96];

		setup_open(&one, cases[i].settings);
		setup_open(&more, cases[i].settings);
		run_on(&one, 1, 0, 1);
		for (threads = 2; threads <= 4; threads++) {
			run_on(&more, 1, 0, threads);
			snprintf(what, sizeof what, "%s: %d threads against 1", cases[i].name, threads);
			agree(&more, &one, true, what);
		}
		setup_close(&one);
		setup_close(&more);
	}
}

/* a setting that must not change the result */
static void
test_switch(const char *setting, bool bits)
{
	int i, k;

	for (i = 0; i < CASES; i++) {
		const char *settings[SETTINGS + 1] = { NULL };
		struct setup plain, other;
		char what[96];

		for (k = 0; cases[i].settings[k]; k++)
			settings[k] = cases[i].settings[k];
		settings[k] = setting;
		setup_open(&plain, cases[i].settings);
		setup_open(&other, settings);
		run(&plain, 2, 0);
		run(&other, 2, 0);
		snprintf(what, sizeof what, "%s: %s against the default", cases[i].name, setting);
		agree(&other, &plain, bits, what);
		setup_close(&plain);
		setup_close(&other);
	}
}

static void
test_paper(void)
{
	static const char *const settings[] = { "preset=paper", NULL };
	struct setup a, b;
	int position;

	setup_open(&a, settings);
	setup_open(&b, settings);
	ok(a.config.decoder_depth == 2 && a.config.dropout == 0.5 && a.config.w_pixel == 0.75 &&
			!a.config.crossentropy_detach && a.config.query_noise,
		"paper: settings that are set stay, the others have the values of the authors");
	run(&a, 2, 0);
	run(&b, 2, 0);
	ok(isfinite(a.outcome.loss) && isfinite(a.outcome.norm) && a.outcome.norm > 0,
		"paper: loss %.6g and gradient norm %.6g are finite", a.outcome.loss, a.outcome.norm);
	agree(&a, &b, true, "paper: the same step gives the same loss and gradient a second time");
	b.batch.step = 1;
	run(&b, 2, 0);
	ok(fabs(a.outcome.loss - b.outcome.loss) > 1e-4, "paper: another step has other noise (loss %.6g)",
		b.outcome.loss);
	b.batch.step = 0;
	b.batch.seed++;
	run(&b, 2, 0);
	ok(fabs(a.outcome.loss - b.outcome.loss) > 1e-4, "paper: another seed has other noise (loss %.6g)",
		b.outcome.loss);
	position = params_find(&a.params, "decoder.global_position");
	ok(a.params.list[position].frozen && a.grads[a.params.list[position].offset] == 0,
		"paper: the position of the global query is frozen");
	ok(params_find(&a.params, "decoder.query") < 0, "paper: there is no learned query");
	setup_close(&a);
	setup_close(&b);
}

static void
test_student_pixels(void)
{
	static const char *const settings[] = { "w_student_pixel=1", "w_pixel=0", "w_patch_contrast=0",
		"w_image_contrast=0", NULL };
	static const char *const moved[] = { "student_pixels.weight", "student_mask_token", "blocks.0.attn.qkv.weight",
		"cls_token" };
	struct setup s;
	size_t i, k;

	setup_open(&s, settings);
	run(&s, 2, 0);
	ok(fabs(s.outcome.loss - s.outcome.terms[PRETRAIN_STUDENT_PIXEL]) < 1e-6 && s.outcome.loss > 0,
		"student pixels alone: the loss is loss_student_pixel (%.6g)", s.outcome.loss);
	for (i = 0; i < sizeof moved / sizeof *moved; i++) {
		const struct param *p = &s.params.list[params_find(&s.params, moved[i])];
		double norm = 0;

		for (k = 0; k < p->count; k++)
			norm += s.grads[p->offset + k] * s.grads[p->offset + k];
		ok(norm > 0, "student pixels: %s has a gradient (norm %.3g)", p->name, sqrt(norm));
	}
	setup_close(&s);
}

/* contrast_start: the first steps have no student; later steps equal those of a run without contrast_start */
static void
test_contrast_start(void)
{
	static const char *const late[] = { "contrast_start=2", "patch_contrast=mse", "student_image=on", NULL };
	static const char *const always[] = { "patch_contrast=mse", "student_image=on", NULL };
	static const char *const never[] = { "image_contrast=off", "decoder_embed_dim=24", "decoder_heads=3",
		"decoder_self_attention=on", "predict_ratio=1", NULL };
	struct setup a, b, c;

	setup_open(&a, late);
	setup_open(&b, always);
	setup_open(&c, never);
	run(&a, 2, 0);
	run(&c, 2, 0);
	ok(a.outcome.loss == c.outcome.loss && isnan(a.outcome.terms[PRETRAIN_IMAGE]) &&
	    isnan(a.outcome.terms[PRETRAIN_PATCH]),
	    "contrast_start: before that step the loss is loss_pixel alone (%.6g)", a.outcome.loss);
	a.batch.step = b.batch.step = 2;
	run(&a, 2, 0);
	run(&b, 2, 0);
	agree(&a, &b, true, "contrast_start: from that step on");
	setup_close(&a);
	setup_close(&b);
	setup_close(&c);
}

/* the queue after steps of nnclr: the last vectors of the teacher at unit length, the oldest overwritten */
static void
test_queue(void)
{
	static const char *const settings[] = { "image_contrast=nnclr", "queue_size=6", "projection_dim=8", NULL };
	struct setup s;
	const struct param *p;
	float *queue, before[6 * 8];
	int step, i, k, moved = 0, unit = 1;

	setup_open(&s, settings);
	p = &s.params.list[params_find(&s.params, "queue")];
	queue = s.params.values + p->offset;
	memcpy(before, queue, sizeof before);
	run(&s, 2, 0);
	ok(p->frozen && memcmp(before, queue, sizeof before) == 0,
	    "nnclr: a step does not change the queue before its update");
	for (step = 0; step < 2; step++) {
		s.batch.step = step;
		run(&s, 2, 0);
		memcpy(before, queue, sizeof before);
		pretrain_task.after_step(s.self, &s.params, &s.batch);
		for (i = 0, moved = 0; i < 6; i++)
			moved += memcmp(before + 8 * i, queue + 8 * i, 8 * sizeof *queue) != 0;
	}
	for (i = 0; i < 6; i++) {
		double length = 0;

		for (k = 0; k < 8; k++)
			length += queue[8 * i + k] * queue[8 * i + k];
		unit &= fabs(length - 1) < 1e-5;
	}
	ok(moved == N && unit, "nnclr: after two steps of %d images the queue of 6 has unit vectors, %d of them new",
	    N, moved);
	setup_close(&s);
}

/* ---- finite differences: without stop-gradients, which they do not reproduce */

static const struct { const char *name; const char *settings[SETTINGS];
} slopes[] = {
	{ "mae", { "objective=mae" } },
	{ "mae, norm_pix", { "objective=mae", "norm_pix=on" } },
	{ "mse", { PATCHWISE, "patch_contrast=mse", "crossentropy_detach=off" } },
	{ "infonce, norm_pix", { PATCHWISE, "patch_contrast=infonce", "crossentropy_detach=off", "norm_pix=on" } },
	{ "infonce, student-target",
		{ PATCHWISE, "patch_contrast=infonce", "crossentropy_detach=off", "crossentropy_target=student",
			"patch_temperature=0.5" } },
	{ "mse, teacher-target, not folded",
		{ PATCHWISE, "patch_contrast=mse", "crossentropy_detach=off", "crossentropy_target=teacher",
		    "fold=off" } },
	{ "student pixels",
		{ PATCHWISE, "patch_contrast=mse", "crossentropy_detach=off", "w_student_pixel=0.7" } },
	{ "student pixels, norm_pix, recompute",
		{ PATCHWISE, "patch_contrast=infonce", "crossentropy_detach=off", "w_student_pixel=0.7", "norm_pix=on",
			"recompute=on" } },
	{ "paper without loss_patch_contrast", { "preset=paper", "w_patch_contrast=0" } },
	{ "paper, infonce, norm_pix, student pixels",
		{ "preset=paper", "patch_contrast=infonce", "norm_pix=on", "w_student_pixel=1" } },
	{ "default", { NULL } },
	{ "default, economical, own student image", { "decoder_embed_dim=16", "decoder_heads=2", "predict_ratio=0.5",
		"decoder_self_attention=off", "mask_tokens=off", "student_image=on", "w_image_contrast=1" } },
	{ "nnclr, patch contrast of subsets", { "image_contrast=nnclr", "queue_size=16", "patch_contrast=infonce",
		"student_keep=0.7", "predict_ratio=0.4", "w_image_contrast=1", "student_image=on" } },
	{ "patch contrast of subsets, more predicted than kept", { "patch_contrast=mse", "student_keep=0.3" } },
	{ "global query as the vector of the image", { "image_pool=query" } },
	{ "class token, ramp", { "image_pool=class", "contrast_ramp=3", "w_image_contrast=1" } },
	{ "dropout, learned query",
		{ PATCHWISE, "patch_contrast=mse", "crossentropy_detach=off", "dropout=0.3" } },
	{ "query noise, learned position",
		{ PATCHWISE, "patch_contrast=mse", "crossentropy_detach=off", "query_noise=on" } },
};
enum { SLOPES = sizeof slopes / sizeof slopes[0] };

static double
loss_at(struct machine *m, struct setup *s, const struct param *p, const float *direction, double step)
{
	float *x = s->params.values + p->offset, *kept = mem_array(p->count, sizeof *kept);
	size_t k;

	memcpy(kept, x, p->count * sizeof *kept);
	for (k = 0; k < p->count; k++)
		x[k] += (float)(step * direction[k]);
	engine_run(&m->engine, &s->batch, &s->outcome);
	memcpy(x, kept, p->count * sizeof *kept);
	free(kept);
	return s->outcome.loss;
}

/* the slope of the loss along the gradient of a tensor is the norm of the gradient */
static bool
check_slope(struct machine *m, struct setup *s, const struct param *p, const float *gradient, double *worst)
{
	const double step = 5e-4, noise = 5e-3;	/* a float32 loss of about 10 has an error of 1e-6; ReLU has kinks */
	double norm = 0, slope, e;
	float *direction = mem_array(p->count, sizeof *direction);
	size_t k;

	for (k = 0; k < p->count; k++)
		norm += gradient[p->offset + k] * gradient[p->offset + k];
	norm = sqrt(norm);
	for (k = 0; k < p->count && norm > 0; k++)
		direction[k] = (float)(gradient[p->offset + k] / norm);
	/* central differences with one and with two steps, combined so that the cubic term cancels */
	slope = (8 * (loss_at(m, s, p, direction, step) - loss_at(m, s, p, direction, -step)) -
	    (loss_at(m, s, p, direction, 2 * step) - loss_at(m, s, p, direction, -2 * step))) / (12 * step);
	free(direction);
	e = fabs(slope - norm) / (norm + 0.1);
	if (e > *worst)
		*worst = e;
	if (fabs(slope - norm) > 0.02 * norm + noise)
		diag("%s: slope %.6g, gradient %.6g", p->name, slope, norm);
	return fabs(slope - norm) <= 0.02 * norm + noise;
}

static void
test_slopes(void)
{
	int i, k;

	for (i = 0; i < SLOPES; i++) {
		struct setup s;
		struct machine m;
		float *gradient;
		bool good = true;
		double worst = 0;

		setup_open(&s, slopes[i].settings);
		machine_open(&m, &s, 2, 0, 1);
		engine_run(&m.engine, &s.batch, &s.outcome);
		gradient = params_block(&s.params);
		memcpy(gradient, m.engine.grads, s.params.size * sizeof *gradient);
		for (k = 0; k < s.params.count; k++)
			if (!s.params.list[k].frozen)
				good &= check_slope(&m, &s, &s.params.list[k], gradient, &worst);
		ok(good, "%s: %d gradients agree with finite differences (largest error %.2g)", slopes[i].name,
			s.params.count, worst);
		params_block_free(gradient);
		machine_close(&m);
		setup_close(&s);
	}
}

/* ---- inference with the encoder and the decoder */

static void
test_features(void)
{
	static const char *const settings[] = { NULL };
	struct setup s;
	struct pos_embed wide;
	struct tape t = { 0 };
	struct var *two, *one;
	const int H = 16, W = 24, P = 24, D = 24;
	uint8_t images[2 * 3 * 16 * 24];
	float attention[2 * 3 * 24], kept[25 * 24], sum = 0;
	int i;

	setup_open(&s, settings);
	for (i = 0; i < (int)sizeof images; i++)
		images[i] = (uint8_t)(i * 37 % 251);
	pos_embed_open(&wide, H / 4, W / 4, D);
	tape_reset(&t, false, &s.params, NULL);
	one = encoder_features(&s.self->tscae.encoder, &t, &wide, images + 3 * H * W, 1, H, W, 2, NULL);
	memcpy(kept, one->x, sizeof kept);
	tape_reset(&t, false, &s.params, NULL);
	two = encoder_features(&s.self->tscae.encoder, &t, &wide, images, 2, H, W, 2, attention);
	ok(two->shape[0] == 2 && two->shape[1] == 1 + P && two->shape[2] == D,
		"features of images that are not square have the right shape");
	ok(relative(two->x + (1 + P) * D, kept, (size_t)((1 + P) * D)) < 1e-5,
		"features of an image do not depend on the other images of the batch");
	for (i = 0; i < P; i++)
		sum += attention[i];
	ok(sum > 0.5f && sum < 1, "the attention weights of the class token over the patches sum to %.3g", sum);
	one = encoder_features(&s.self->tscae.encoder, &t, &wide, images, 1, H, W, 0, NULL);
	ok(relative(one->x, s.params.values + s.params.list[params_find(&s.params, "cls_token")].offset, (size_t)D) ==
			0,
		"block 0: the class token is the parameter");
	pos_embed_close(&wide);
	tape_free(&t);
	setup_close(&s);
}

static void
test_reconstruct(void)
{
	int i, k, c;

	for (i = 0; i < CASES; i++) {
		struct setup s;
		struct tape t = { 0 };
		const int S = 16, p = 4;
		uint8_t out[N * 3 * 16 * 16], again[2 * 3 * 16 * 16];
		int visible = 0, masked = 0;

		setup_open(&s, cases[i].settings);
		tape_reset(&t, false, &s.params, NULL);
		ok(pretrain_reconstruct(s.self, &t, &s.batch, 0, N, out) == 0, "finite predictions are accepted");
		tape_reset(&t, false, &s.params, NULL);
		ok(pretrain_reconstruct(s.self, &t, &s.batch, 2, 2, again) == 0,
			"the patches of a part of the batch are reconstructed");
		for (k = 0; k < N * S * S; k++) {
			int n = k / (S * S), y = k / S % S, x = k % S,
				is_masked = s.batch.masks[n * s.batch.P + y / p * (S / p) + x / p];

			for (c = 0; c < 3; c++)
				*(is_masked ? &masked : &visible) += out[3 * k + c] != s.batch.images[3 * k + c];
		}
		for (k = c = 0; k < (int)sizeof again; k++)
			c += abs(again[k] - out[(int)sizeof again + k]) > 1;
		ok(visible == 0 && masked > 0 && c == 0, "%s: a reconstruction changes only masked patches (%d bytes)",
			cases[i].name, masked);
		tape_free(&t);
		setup_close(&s);
	}
}

int
main(void)
{
	test_micro_batches();
	test_single_batches();
	test_threads();
	test_switch("recompute=on", true);
	test_switch("fold=off", false);
	test_paper();
	test_student_pixels();
	test_contrast_start();
	test_queue();
	test_slopes();
	test_features();
	test_reconstruct();
	return tap_end();
}
