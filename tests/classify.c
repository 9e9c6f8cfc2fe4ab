/* classify - fine-tuning: mixup and cutmix, layer decay, drop path, class names, bad records */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "model/encoder.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "tap.h"
#include "task/batch.h"
#include "task/classify.h"
#include "task/task.h"
#include "train/init.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { N = 12, S = 16, IMAGE = 3 * S * S };

static const struct config shape_of_images = { .image = S, .patch = 4, .channels = 3, .bits = 8, .classes = 3 };

static void
fill(struct batch *b)
{
	struct rng r = rng_at(1, 0, "images", "");
	int i;

	batch_open(b, N, &shape_of_images, BATCH_CLASS);
	for (i = 0; i < N * IMAGE; i++)
		b->images[i] = (uint8_t)rng_below(&r, 256);
	for (i = 0; i < N; i++) {
		b->class[i] = i % 3;
		snprintf(b->keys[i], sizeof b->keys[i], "image %d", i);
	}
	b->N = N;
}

static void
test_beta(void)
{
	static const double shapes[][2] = { { 0.2, 0.2 }, { 1, 1 }, { 5, 2 }, { 0.01, 0.01 }, { 80, 80 } };
	struct rng r = rng_at(3, 0, "beta", "");
	size_t s;

	for (s = 0; s < sizeof shapes / sizeof *shapes; s++) {
		const double a = shapes[s][0], b = shapes[s][1], mean = a / (a + b),
			variance = a * b / ((a + b) * (a + b) * (a + b + 1));
		double sum = 0, square = 0;
		bool inside = true;
		int i, n = 40000;

		for (i = 0; i < n; i++) {
			const double x = rng_beta(&r, a, b);

			inside &= x >= 0 && x <= 1;
			sum += x;
			square += (x - mean) * (x - mean);
		}
		/* five standard errors; the fourth moment of what lies in 0 .. 1 is at most its variance */
		ok(inside && fabs(sum / n - mean) < 5 * sqrt(variance / n) &&
				fabs(square / n - variance) <
					5 * sqrt(variance / n) * sqrt(variance) + 5e-3 * variance + 1e-3 * mean,
			"Beta(%g, %g): mean %.4f of %.4f, variance %.5f of %.5f", a, b, sum / n, mean, square / n,
			variance);
	}
}

/* Return the fraction of the bytes that are pasted from the other image; NAN if a byte is from neither. */
static double
pasted(const struct batch *b, int i, const struct mix *m, const uint8_t *out)
{
	int k, own = 0, other = 0;

	for (k = 0; k < IMAGE; k++) {
		own += out[k] == b->images[i * IMAGE + k];
		other += out[k] == b->images[m->partner * IMAGE + k] && out[k] != b->images[i * IMAGE + k];
	}
	return own + other == IMAGE ? (double)other / IMAGE : NAN;
}

static void
test_mix(void)
{
	uint8_t out[IMAGE];
	bool good = true, paste = true, fair = true;
	int i, step, pastes = 0, k;
	struct batch b;

	fill(&b);
	for (step = 0; step < 50; step++)
		for (i = 0; i < N; i++) {
			struct mix m, both;

			b.step = step;
			m = mix_draw(&b, i, 0.8, 0);
			mix_image(&b, i, &m, out);
			good &= !m.paste && m.partner != i && m.partner >= 0 && m.partner < N && m.weight >= 0 &&
				m.weight <= 1;
			for (k = 0; k < IMAGE; k++)
				good &= fabs(out[k] -
						(m.weight * b.images[i * IMAGE + k] +
							(1 - m.weight) * b.images[m.partner * IMAGE + k])) < 0.51;
			m = mix_draw(&b, i, 0, 1);
			mix_image(&b, i, &m, out);
			paste &= m.paste && fabs(pasted(&b, i, &m, out) - (1 - (double)m.weight)) < 0.01;
			both = mix_draw(&b, i, 1, 1);
			pastes += both.paste;
			m = mix_draw(&b, i, 0, 0);
			mix_image(&b, i, &m, out);
			fair &= m.weight == 1 && memcmp(out, b.images + i * IMAGE, IMAGE) == 0;
		}
	ok(good, "mixup: the pixels are the weighted mean with another image of the batch");
	ok(paste, "cutmix: the weight is the fraction of the area that remains");
	ok(pastes > 230 && pastes < 370, "mixup and cutmix: each has probability 1/2 (%d of %d)", pastes, 50 * N);
	ok(fair, "neither mixup nor cutmix: the image is unchanged");
	b.N = 1;
	ok(mix_draw(&b, 0, 1, 1).weight == 1, "a batch of one image is not mixed");
	b.N = N;
	batch_close(&b);
}

static struct config
small(void)
{
	struct config c = config_default();

	c.image = S;
	c.patch = 4;
	c.embed_dim = 24;
	c.heads = 2;
	c.depth = 4;
	c.classes = 3;
	c.variant.pool_norm = true;
	if (config_complete(&c) < 0)
		abort();
	return c;
}

static void
test_rates(void)
{
	static const struct { const char *name; double above; } want[] = {
		{ "cls_token", 5 }, { "patch_embed.proj.weight", 5 }, { "blocks.0.norm1.weight", 4 },
		{ "blocks.3.mlp.fc2.bias", 1 }, { "pool_norm.weight", 0 }, { "head.weight", 0 } };
	struct config c = small();
	struct params p = { 0 };
	void *self = classify_task.open(&c, &p);
	size_t i;

	init_rates(&p, (int)c.depth, 0.75);
	for (i = 0; i < sizeof want / sizeof *want; i++)
		ok(p.list[params_find(&p, want[i].name)].lr_scale == (float)pow(0.75, want[i].above),
			"layer decay: %s has 0.75^%g", want[i].name, want[i].above);
	ok(encoder_layer("blocks.4.norm1.weight", 4) < 0 && encoder_layer("blocks.x", 4) < 0 &&
			encoder_layer("decoder.blocks.0.norm1.weight", 4) < 0,
		"layer decay: parameters outside the encoder have no layer");
	classify_task.close(self);
	params_free(&p);
}

/* the loss of the batch, in micro-batches of n */
static double
loss(const struct config *c, const struct batch *b, int n, int *taped)
{
	struct params p = { 0 };
	void *self = classify_task.open(c, &p);
	const struct param *head;
	struct tape t = { 0 };
	float *grads;
	double sum = 0;
	int i;

	params_build(&p);
	params_init(&p, 1);
	head = &p.list[params_find(&p, "head.weight")];
	for (i = 0; i < (int)head->count; i++)
		p.values[head->offset + (size_t)i] *= 1e4f;	/* otherwise all classes have the same probability */
	grads = params_block(&p);
	for (i = 0; i < b->N; i += n) {
		struct part_loss out;

		tape_reset(&t, true, &p, grads);
		classify_task.forward(self, &t, b, i, b->N - i < n ? b->N - i : n, &out);
		sum += out.loss->x[0];
		var_seed(out.loss, NULL, 1);
		tape_backward(&t);
	}
	for (*taped = 0, i = 0; i < (int)p.list[0].count; i++)
		*taped += grads[p.list[0].offset + (size_t)i] != 0;
	tape_free(&t);
	classify_task.close(self);
	params_block_free(grads);
	params_free(&p);
	return sum;
}

static void
test_loss(void)
{
	struct config c = small(), mixed = c, frozen;
	struct batch b;
	double plain, whole, parts;
	int taped;

	fill(&b);
	plain = loss(&c, &b, N, &taped);
	ok(taped > 0, "the loss is %.4f and reaches the class token", plain);
	/* (1 - e) H(y, p) + e H(uniform, p) is a line in e */
	mixed.label_smoothing = 0.1;
	parts = loss(&mixed, &b, N, &taped) - plain;
	mixed.label_smoothing = 0.2;
	whole = loss(&mixed, &b, N, &taped) - plain;
	ok(fabs(whole - 2 * parts) < 1e-5 && fabs(parts) > 1e-3,
		"label smoothing of 0.1 and 0.2 change the loss by %.5f and %.5f", parts, whole);
	mixed.mixup = 0.5;
	mixed.cutmix = 1;
	mixed.drop_path = 0.5;
	mixed.label_smoothing = 0.1;
	whole = loss(&mixed, &b, N, &taped);
	parts = loss(&mixed, &b, 5, &taped);
	ok(fabs(whole - parts) < 1e-5 && fabs(whole - plain) > 1e-4,
		"mixup, smoothing and drop path: micro-batches of 5 give the loss of a batch of 12 (%.1e)",
		fabs(whole - parts));
	mixed.recompute = true;
	ok(fabs(loss(&mixed, &b, N, &taped) - whole) < 1e-6, "recompute drops the same branches");
	mixed.recompute = false;
	b.step = 1;
	ok(fabs(loss(&mixed, &b, N, &taped) - whole) > 1e-4, "drop path: another step drops other branches");
	b.step = 0;
	frozen = c;
	frozen.freeze_encoder = true;
	frozen.drop_path = 0.9;
	ok(fabs(loss(&frozen, &b, N, &taped) - plain) < 1e-6 && taped == 0,
		"a frozen encoder has the same loss, no gradient and no drop path");
	batch_close(&b);
}

static void
test_classes(void)
{
	static const char *const names[] = { "cat", "a \"quoted\" \\ one", "caf\xc3\xa9", "tab\there", "" };
	struct class_list c = { 0 }, back = { 0 };
	struct safetensors file = { 0 };
	struct header h = { 0 };
	char path[] = "/tmp/tscae-classes.XXXXXX";
	int i;

	close(mkstemp(path));
	for (i = 0; i < 5; i++)
		ok(class_list_add(&c, names[i], i) == 0, "class %d is added to the list", i);
	safetensors_classes_save(&c, &file);
	ok(safetensors_write(&file, path, false) == 0, "class names are written to the metadata of a model");
	safetensors_close(&file);
	ok(safetensors_open(&file, path) == 0 && safetensors_classes_load(&back, &file) == 0 &&
			class_list_match(&c, &back) == 0,
		"class names are read from the metadata of a model");
	safetensors_close(&file);
	class_list_free(&back);
	class_list_write(&c, &h, "predicted_classes");
	ok(class_list_require(&back, &h, "predicted_classes") == 0 && class_list_match(&c, &back) == 0 &&
			class_list_find(&back, "tab\there") == 3,
		"class names are read from the header of a stream");
	ok(class_list_find(&back, "dog") < 0 && class_list_require(&back, &h, "classes") < 0 &&
			err_status() == ERR_DATA,
		"a header without class names is refused: %s", err_text());
	free(back.list[1].name);
	back.list[1].name = mem_text("dog");
	ok(class_list_match(&c, &back) < 0 && strstr(err_text(), "class 1 is 'dog'"),
		"other class names are refused: %s", err_text());
	class_list_free(&back);
	safetensors_set(&file, "classes", "[\"cat\", 3]");
	ok(safetensors_classes_load(&back, &file) < 0 && err_status() == ERR_DATA,
		"metadata that is not a list of names is refused: %s", err_text());
	class_list_free(&back);
	safetensors_set(&file, "classes", "[]");
	ok(safetensors_classes_load(&back, &file) < 0 && err_status() == ERR_DATA,
		"an empty list of class names is refused: %s", err_text());
	safetensors_close(&file);
	header_free(&h);
	class_list_free(&c);
	unlink(path);
}

static void
test_records(void)
{
	static const int64_t classes[] = { 0, 2, 3, -1, INT64_C(1) << 40 };
	const long shape[3] = { S, S, 3 };
	struct record r = { 0 };
	struct batch b;
	size_t i;

	batch_open(&b, 4, &shape_of_images, BATCH_CLASS);
	for (i = 0; i < sizeof classes / sizeof *classes; i++) {
		const bool good = classes[i] >= 0 && classes[i] < 3;

		record_reset(&r);
		record_set_key(&r, "a");
		memset(record_put_tensor(&r, "image", TENSOR_U8, 3, shape), 7, IMAGE);
		record_put_int(&r, "class", classes[i]);
		ok((batch_put(&b, &r) == 0) == good && (good || err_status() == ERR_DATA), "class %lld of 3: %s",
			(long long)classes[i], good ? "accepted" : err_text());
	}
	record_drop(&r, "class");
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA && b.N == 2, "a record without class is refused: %s",
		err_text());
	record_free(&r);
	batch_close(&b);
}

int
main(void)
{
	test_beta();
	test_mix();
	test_rates();
	test_loss();
	test_classes();
	test_records();
	return tap_end();
}
