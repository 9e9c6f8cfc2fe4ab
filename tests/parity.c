/* parity - every tensor of the reference files in tests/golden (or of the operands), by name

   For each file, with token folding on and off: outputs, losses, gradients, and the losses and gradient norms
   of ten AdamW steps. Tolerances: a loss 1e-5, an output or gradient 1e-4 of its norm, steps 1e-4.

   Where a ReLU's argument is within rounding of 0, single and double precision may fall on different sides, and
   the gradient is that of the other side. So a gradient that differs is also tried with the biases in front of
   every ReLU moved by 1e-6: one of the two one-sided gradients must be the reference's. The same corners are met
   at some of the ten steps; there a loss must still agree to 1e-4, but a gradient's norm only to 1e-2 (with one
   machine's order of summation all agree to 1e-6, with another's some jump by 4e-3). */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/layer.h"
#include "model/mae.h"
#include "model/token_sequence.h"
#include "model/tscae.h"
#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/tensor.h"
#include "tap.h"
#include "task/batch.h"
#include "task/pretrain.h"
#include "task/task.h"
#include "train/optimizer.h"
#include "transform/patch.h"

#include <ctype.h>
#include <glob.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double LOSS = 1e-5, TENSOR = 1e-4, STEPS = 1e-4, NORMS = 1e-2;

static struct {
	const char *path;
	struct safetensors file;
	struct config config;
	struct params params;
	struct pretrain *self;
	struct batch batch;
	struct tape tape;
	float *grads;
	float hair;	/* what the gradient's check moved biases by: see hairs[] */
} g;

/* ---- the file */

/* a tensor of the file as doubles, to be freed; NULL if there is none */
static double *
doubles(const char *name, long *count)
{
	const struct tensor *t = safetensors_get(&g.file, name);
	double *out;
	float *single;
	long i;

	if (!t)
		return NULL;
	*count = tensor_count(t);
	out = mem_array((size_t)*count, sizeof *out);
	if (t->type == TENSOR_F64) {
		memcpy(out, t->data, tensor_bytes(t));
		tensor_swap(TENSOR_F64, out, tensor_bytes(t));
		return out;
	}
	single = mem_array((size_t)*count, sizeof *single);
	if (safetensors_floats(t, single) < 0) {
		diag("%s: %s", name, err_text());
		exit(1);
	}
	for (i = 0; i < *count; i++)
		out[i] = single[i];
	free(single);
	return out;
}

static int64_t
integer(const struct tensor *t, long i)
{
	int64_t x;

	memcpy(&x, (const char *)t->data + (size_t)i * sizeof x, sizeof x);
	tensor_swap(TENSOR_I64, &x, sizeof x);
	return x;
}

static const struct tensor *
need(const char *name, enum tensor_type type)
{
	const struct tensor *t = safetensors_get(&g.file, name);

	if (!t || t->type != type) {
		diag("%s: no %s of type %s", g.path, name, tensor_name(type));
		exit(1);
	}
	return t;
}

/* The name of the setting of a key in the file's metadata; old files have other names. */
static const char *
setting_of(const char *key)
{
	static const struct { const char *key, *setting; } others[] = {
		{ "kind", "objective" }, { "glob", "crossentropy_target" }, { "dim", "embed_dim" },
		{ "dec_depth", "decoder_depth" }, { "dec_dim", "decoder_embed_dim" }, { "dec_heads", "decoder_heads" },
		{ "contrast", "patch_contrast" }
	};
	size_t i;

	for (i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(key, others[i].key) == 0)
			return others[i].setting;
	return key;
}

/* Old files: contrast of patches and crossentropy of the global query, all masked patches, all weights 1. */
static const struct { const char *setting, *value; } old_settings[] = {
	{ "image_contrast", "crossentropy" }, { "student_keep", "1" }, { "predict_ratio", "1" }
};

static void
set_setting(const struct opt *table, const char *name, const char *text)
{
	const struct opt *row = opt_find(table, name);
	char value[64], *c;

	snprintf(value, sizeof value, "%s", text);
	for (c = value; *c; c++)
		*c = (char)tolower((unsigned char)*c);	/* True is true */
	if (strcmp(name, "crossentropy_target") == 0 && (c = strstr(value, "-target")))
		*c = 0;
	if (row && opt_set(row, value) < 0)
		exit(!ok(0, "%s: %s", g.path, err_text()));
}

static void
read_config(bool fold)
{
	struct opt table[CONFIG_ROWS_MAX];
	const struct tensor *keep = need("keep", TENSOR_I64);
	double grid;
	size_t k;
	int i;

	g.config = config_default();
	config_table(&g.config, table);
	for (k = 0; k < sizeof old_settings / sizeof *old_settings && safetensors_metadata(&g.file, "kind"); k++)
		set_setting(table, old_settings[k].setting, old_settings[k].value);
	for (i = 0; i < g.file.metadata_count; i++)
		set_setting(table, setting_of(g.file.metadata[i].key), g.file.metadata[i].value);
	grid = (double)(g.config.image / g.config.patch);
	g.config.mask_ratio = 1 - (double)keep->shape[1] / (grid * grid);
	g.config.fold = fold;
	g.config.student_image = safetensors_get(&g.file, "student_image.u8") ? SWITCH_ON : SWITCH_OFF;
	if (config_complete(&g.config) < 0)
		exit(!ok(0, "%s: %s", g.path, err_text()));
}

static void
read_batch(void)
{
	const struct tensor *images = need("image.u8", TENSOR_U8), *keep = need("keep", TENSOR_I64);
	const char *seed;
	const int N = (int)keep->shape[0], V = (int)keep->shape[1], P = config_patches(&g.config);
	int i;

	batch_open(&g.batch, N, &g.config, BATCH_MASKS | (g.config.student_image ? BATCH_STUDENT_IMAGE : 0));
	g.batch.N = N;
	seed = safetensors_metadata(&g.file, "seed");
	g.batch.seed = seed ? strtoull(seed, NULL, 10) : 0;
	memcpy(g.batch.images, images->data, tensor_bytes(images));
	if (g.config.student_image)
		memcpy(g.batch.student_images, need("student_image.u8", TENSOR_U8)->data, tensor_bytes(images));
	for (i = 0; i < N; i++)
		snprintf(g.batch.keys[i], sizeof g.batch.keys[i], "image%d", i);
	memset(g.batch.masks, 1, (size_t)(N * P));
	for (i = 0; i < N * V; i++)
		g.batch.masks[i / V * P + integer(keep, i)] = 0;
}

static void
read_params(void)
{
	int i;

	for (i = 0; i < g.params.count; i++) {
		struct param *p = &g.params.list[i];
		char name[128];
		const struct tensor *t;

		snprintf(name, sizeof name, "param.%s", p->name);
		t = safetensors_get(&g.file, name);
		if (!t || (size_t)tensor_count(t) != p->count ||
			safetensors_floats(t, g.params.values + p->offset) < 0) {
			ok(0, "%s has the tensor %s of the model", g.path, name);
			exit(1);
		}
	}
}

/* ---- comparing */

/* |is - should| and |should| */
static void
distance(const float *is, const double *should, long count, double *difference, double *norm)
{
	long i;

	*difference = *norm = 0;
	for (i = 0; i < count; i++) {
		*difference += (is[i] - should[i]) * (is[i] - should[i]);
		*norm += should[i] * should[i];
	}
	*difference = sqrt(*difference);
	*norm = sqrt(*norm);
}

static void
compare(const char *name, const float *is, long count, double tolerance)
{
	long expected;
	double *should = doubles(name, &expected), difference, norm;

	if (!should) {
		ok(0, "%s: the tensor is in the file", name);
		return;
	}
	if (expected != count) {
		ok(0, "%s: %ld numbers instead of %ld", name, count, expected);
	} else {
		distance(is, should, count, &difference, &norm);
		ok(difference <= tolerance * norm, "%s: error %.2g of its norm %.3g", name,
			norm > 0 ? difference / norm : difference, norm);
	}
	free(should);
}

static void
compare_var(const char *name, const struct var *v)
{
	compare(name, v->x, var_count(v), TENSOR);
}

static void
compare_number(const char *name, long i, double is, double tolerance)
{
	long count;
	double *should = doubles(name, &count);

	if (!should || i >= count)
		ok(0, "%s[%ld]: the number is in the file", name, i);
	else
		ok(fabs(is - should[i]) <= tolerance * fabs(should[i]), "%s[%ld] %.8g: error %.2g", name, i, is,
			fabs(is - should[i]) / fabs(should[i]));
	free(should);
}

/* ---- either side of a ReLU's corner */

static const float hairs[] = { 1e-6f, -1e-6f };	/* a few roundings of a number near 1 */
enum { HAIRS = 2 };

static bool
feeds_relu(const char *name)
{
	return strcmp(name, "pixels.0.bias") == 0 || strcmp(name, "pixels.1.bias") == 0 ||
	    strcmp(name, "predictor.1.bias") == 0 || strcmp(name, "projection.1.bias") == 0 ||
	    (strncmp(name, "decoder.blocks.", 15) == 0 && strstr(name, ".mlp.fc1.bias"));
}

/* add a hair to those biases */
static void
move(float hair)
{
	int i;
	size_t k;

	for (i = 0; i < g.params.count; i++)
		for (k = 0; k < g.params.list[i].count && feeds_relu(g.params.list[i].name); k++)
			g.params.values[g.params.list[i].offset + k] += hair;
}

/* ---- what is compared */

static void
check_pixels(void)
{
	const struct patch grid = { g.batch.S, g.batch.S, (int)g.config.patch, &g.batch.pixels };
	const int S = g.batch.S, p = grid.p, columns = S / p, N = g.batch.N;
	float *rows = mem_array((size_t)(3 * S * S), sizeof *rows),
	      *planes = mem_array((size_t)(N * 3 * S * S), sizeof *planes), *in;
	int n, i, c, y, x;

	for (n = 0; n < N; n++) {
		patch_read(&grid, g.batch.images + n * 3 * S * S, NULL, g.batch.P, rows);
		for (i = 0, in = rows; i < g.batch.P; i++)
			for (c = 0; c < 3; c++)
				for (y = 0; y < p; y++)
					for (x = 0; x < p; x++)
						planes[((n * 3 + c) * S + i / columns * p + y) * S + i % columns * p +
							x] = *in++;
	}
	compare("image.f32", planes, (long)N * 3 * S * S, 1e-6);
	free(rows);
	free(planes);
}

static struct var *
embed(const struct encoder *e, const uint8_t *images, const int *list, int length)
{
	return encoder_embed(e, &g.tape, images, g.batch.N, g.batch.S, g.batch.S, list, length);
}

/* Where the file has a list of patches, it is the one that the model draws. */
static void
check_list(const char *name, const int *list, int count)
{
	const struct tensor *t = safetensors_get(&g.file, name);
	int i, equal = 1;

	if (!t)
		return;
	for (i = 0; i < g.batch.N * count && tensor_count(t) == (long)g.batch.N * count; i++)
		equal &= integer(t, i) == list[i];
	ok(equal && i == g.batch.N * count, "%s: the patches drawn for each image are those of the file", name);
}

/* decoder outputs, in old files the global query first */
static void
check_decoder(const struct tscae_decoded *d)
{
	const int N = g.batch.N, Q = d->patches->shape[1], D = d->patches->shape[2], L = Q + (d->global != NULL);
	struct var *all = tape_var(&g.tape, 3, N, L, D, 0, false);
	int n;

	for (n = 0; n < N; n++) {
		float *to = all->x + (size_t)n * (size_t)L * (size_t)D;

		if (d->global)
			memcpy(to, d->global->x + (size_t)n * (size_t)D, (size_t)D * sizeof *to);
		memcpy(to + (d->global ? D : 0), d->patches->x + (size_t)n * (size_t)Q * (size_t)D,
		    (size_t)Q * (size_t)D * sizeof *to);
	}
	compare_var("expect.decoder", all);
}

static void
check_outputs_tscae(struct mask_index *s)
{
	const struct tscae *m = &g.self->tscae;
	const struct noise noise = { g.batch.seed, 0, (const char (*)[NOISE_KEY_SIZE])g.batch.keys };
	struct tape *t = &g.tape;
	struct tscae_input in = { .mask = s, .noise = &noise, .train = true };
	struct tscae_outputs teacher, student;
	struct tscae_decoded decoded;

	mask_index_draw(s, t, config_student(&g.config), config_predicted(&g.config), &noise);
	check_list("student", s->student, s->K);
	check_list("predicted", s->predicted, s->Q);
	in.teacher = embed(&m->encoder, g.batch.images, NULL, 0);
	in.student = g.config.student_image ? embed(&m->encoder, g.batch.student_images, s->student, s->K) : in.teacher;
	tscae_encoder(m, t, &in, &teacher, &student);
	decoded = tscae_decoder(m, t, &in, teacher.patches);
	compare_var("expect.teacher", teacher.patches);
	compare_var("expect.student", student.patches);
	if (g.config.image_contrast == IMAGE_CONTRAST_CROSSENTROPY)
		compare_var("expect.student_masked", student.masked);
	check_decoder(&decoded);
	compare_var("expect.pred", tscae_pixels(m, t, decoded.patches));
	if (config_projects(&g.config)) {
		compare_var("expect.project_teacher", tscae_project(m, t, op_mean_tokens(t, teacher.patches, 0, s->V)));
		compare_var("expect.project_student", tscae_project(m, t, op_mean_tokens(t, student.patches, 0, s->K)));
	}
}

static void
check_outputs_mae(const struct mask_index *s)
{
	const struct mae *m = &g.self->mae;
	struct tape *t = &g.tape;
	struct var *latent = mae_encoder(m, t, embed(&m->encoder, g.batch.images, s->visible, s->V), s);

	compare_var("expect.latent", latent);
	compare_var("expect.pred", mae_decoder(m, t, latent, s, true));
}

static void
check_outputs(void)
{
	struct mask_index s;

	tape_reset(&g.tape, false, &g.params, NULL);
	s = mask_index_build(&g.tape, g.batch.masks, g.batch.N, g.batch.P, g.batch.masked);
	if (g.config.objective == OBJECTIVE_MAE)
		check_outputs_mae(&s);
	else
		check_outputs_tscae(&s);
}

/* the whole batch on one tape: the batch loss continues from the variables of the forward pass */
static double
loss_and_gradient(double terms[TASK_TERMS_MAX])
{
	struct part_loss local, coupled = { 0 };
	double loss;
	int i;

	memset(g.grads, 0, g.params.size * sizeof *g.grads);
	tape_reset(&g.tape, true, &g.params, g.grads);
	pretrain_task.forward(g.self, &g.tape, &g.batch, 0, g.batch.N, &local);
	if (local.coupled_count)
		pretrain_task.batch_loss(g.self, &g.tape, &g.batch, local.coupled, &coupled);
	loss = local.loss->x[0] + (coupled.loss ? coupled.loss->x[0] : 0);
	var_seed(local.loss, NULL, 1);
	if (coupled.loss)
		var_seed(coupled.loss, NULL, 1);
	tape_backward(&g.tape);
	for (i = 0; i < TASK_TERMS_MAX; i++)
		terms[i] = local.terms[i] + coupled.terms[i];
	return loss;
}

/* the gradient on one side of all corners within that hair */
static void
loss_and_gradient_moved(float hair)
{
	double terms[TASK_TERMS_MAX];

	move(hair);
	loss_and_gradient(terms);
	move(-hair);
}

/* are all gradients those of the file? */
static bool
gradients_agree(void)
{
	bool agree = true;
	int i;

	for (i = 0; i < g.params.count && agree; i++) {
		const struct param *p = &g.params.list[i];
		char name[128];
		long count;
		double *should, difference, norm;

		snprintf(name, sizeof name, "grad.%s", p->name);
		should = doubles(name, &count);
		if (should && count == (long)p->count) {
			distance(g.grads + p->offset, should, count, &difference, &norm);
			agree = difference <= TENSOR * norm;
		}
		free(should);
	}
	return agree;
}

static void
check_gradients(void)
{
	int i;

	g.hair = 0;
	for (i = 0; i < HAIRS && !gradients_agree(); i++) {
		g.hair = hairs[i];
		loss_and_gradient_moved(g.hair);
	}
	if (g.hair != 0 && !gradients_agree()) {
		g.hair = 0;
		loss_and_gradient_moved(0);
	}
	if (g.hair != 0)
		diag("gradients with the biases in front of ReLU moved by %g", g.hair);
	for (i = 0; i < g.params.count; i++) {
		const struct param *p = &g.params.list[i];
		char name[128];

		snprintf(name, sizeof name, "grad.%s", p->name);
		compare(name, g.grads + p->offset, (long)p->count, TENSOR);
	}
	/* what the file has and this model does not (a predictor without SimSiam) must not matter */
	for (i = 0; i < g.file.count; i++) {
		const char *name = g.file.entries[i].name;
		long count, k, zero = 1;
		double *x;

		if (strncmp(name, "grad.", 5) != 0 || params_find(&g.params, name + 5) >= 0)
			continue;
		x = doubles(name, &count);
		for (k = 0; k < count; k++)
			zero &= x[k] == 0;
		ok((int)zero, "%s: not a parameter of this program, and zero in the file", name);
		free(x);
	}
}

/* A loss under its name, or under its name in old files. A loss that the configuration does not have is in neither. */
static void
compare_term(const char *name, const char *old_name, double value)
{
	char expected[64];

	snprintf(expected, sizeof expected, "expect.%s", safetensors_metadata(&g.file, "kind") ? old_name : name);
	if (isfinite(value) || safetensors_get(&g.file, expected))
		compare_number(expected, 0, value, LOSS);
}

static void
check_losses(void)
{
	double terms[TASK_TERMS_MAX], loss = loss_and_gradient(terms);

	compare_number("expect.loss", 0, loss, LOSS);
	if (g.config.objective == OBJECTIVE_TSCAE) {
		compare_number("expect.loss_pixel", 0, terms[PRETRAIN_PIXEL], LOSS);
		compare_term("loss_patch_contrast", "loss_contrast", terms[PRETRAIN_PATCH]);
		compare_term("loss_image_contrast", "loss_global", terms[PRETRAIN_IMAGE]);
	}
	check_gradients();
}

static double
gradient_norm(void)
{
	double norm = 0;
	size_t i;

	for (i = 0; i < g.params.size; i++)
		norm += (double)g.grads[i] * g.grads[i];
	return sqrt(norm);
}

static void
check_steps(void)
{
	double terms[TASK_TERMS_MAX];
	/* the files' metadata, steps */
	struct adamw a = { .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .decay = 0.05 };
	const double lr = 1e-3, clip = 3.0;
	long count, losses, step;
	double *norms = doubles("steps.grad_norm", &count);

	need("steps.loss", TENSOR_F64);
	free(doubles("steps.loss", &losses));
	adamw_open(&a, &g.params);
	for (step = 0; norms && step < count && step < losses; step++) {
		double loss, norm;

		g.batch.step = step;
		loss = loss_and_gradient(terms);
		if (step == 0 && g.hair != 0)
			loss_and_gradient_moved(g.hair);
		norm = gradient_norm();
		compare_number("steps.loss", step, loss, STEPS);
		compare_number("steps.grad_norm", step, norm, step ? NORMS : STEPS);
		adamw_update(&a, &g.params, g.grads, adamw_scale(norm, clip), lr);
		pretrain_task.after_step(g.self, &g.params, &g.batch);
	}
	if (safetensors_get(&g.file, "steps.queue")) {
		const struct param *queue = &g.params.list[params_find(&g.params, "queue")];

		compare("steps.queue", g.params.values + queue->offset, (long)queue->count, STEPS);
	}
	ok(norms && count == losses, "steps.loss and steps.grad_norm have %ld steps", losses);
	free(norms);
	adamw_close(&a);
}

static void
check_file(const char *path, bool fold)
{
	g.path = path;
	if (safetensors_open(&g.file, path) < 0) {
		ok(0, "open: %s", err_text());
		return;
	}
	diag("%s, folding %s", path, fold ? "on" : "off");
	read_config(fold);
	g.params = (struct params){ 0 };
	g.self = pretrain_task.open(&g.config, &g.params);
	params_build(&g.params);
	g.grads = params_block(&g.params);
	read_params();
	read_batch();
	check_pixels();
	check_outputs();
	check_losses();
	check_steps();
	batch_close(&g.batch);
	pretrain_task.close(g.self);
	params_block_free(g.grads);
	params_free(&g.params);
	safetensors_close(&g.file);
}

/* tests/golden of the working directory, or of the checkout that holds build/tests/parity */
static int
find_golden(const char *program, glob_t *found)
{
	char pattern[4096];
	const char *slash = strrchr(program, '/');

	if (glob("tests/golden/*.safetensors", 0, NULL, found) == 0)
		return 0;
	snprintf(pattern, sizeof pattern, "%.*s/../../tests/golden/*.safetensors", slash ? (int)(slash - program) : 1,
		slash ? program : ".");
	return glob(pattern, 0, NULL, found);
}

int
main(int argc, char **argv)
{
	glob_t found = { 0 };
	int i;

	if (argc == 1 && find_golden(argv[0], &found) != 0)
		return tap_skip("no reference files (tests/golden/*.safetensors)");
	for (i = 1; i < argc; i++) {
		check_file(argv[i], true);
		check_file(argv[i], false);
	}
	for (i = 0; i < (int)found.gl_pathc; i++) {
		check_file(found.gl_pathv[i], true);
		check_file(found.gl_pathv[i], false);
	}
	globfree(&found);
	tape_free(&g.tape);
	return tap_end();
}
