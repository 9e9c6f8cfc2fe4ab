/* config - model configurations: settings, presets, files; patches, position embedding, masks and weights from disk */
#include "base/err.h"
#include "base/opt.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "same_config.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "tap.h"
#include "task/batch.h"
#include "task/pretrain.h"
#include "task/task.h"
#include "train/settings.h"
#include "transform/patch.h"

#include <glob.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* the configuration of these settings; returns 0 or the status of the error */
static int
make(struct config *c, const char *const *settings)
{
	struct opt table[CONFIG_ROWS_MAX];

	*c = config_default();
	config_table(c, table);
	for (; *settings; settings++)
		if (opt_assign(table, *settings) < 0)
			return err_status();
	return config_complete(c) < 0 ? err_status() : 0;
}

#define MAKE(c, ...) make(c, (const char *const[]){ __VA_ARGS__, NULL })

static void
test_sizes(void)
{
	struct config c, again;

	ok(MAKE(&c, "model=micro") == 0 && c.embed_dim == 96 && c.depth == 6 && c.heads == 3 && c.patch == 4 &&
			c.image == 32 && c.decoder_depth == 2,
		"model=micro: the sizes of method.md");
	ok(config_patches(&c) == 64 && config_visible(&c) == 16 && config_masked(&c) == 48,
		"model=micro: 64 patches, 16 visible, 48 masked");
	ok(MAKE(&c, "model=tiny", "image=64") == 0 && c.patch == 8, "image=64: the patch size is 8");
	ok(MAKE(&c, "model=base") == 0 && c.embed_dim == 768 && c.patch == 16 && c.image == 224 &&
			c.decoder_depth == 6 && c.decoder_embed_dim == 512 && c.decoder_heads == 16,
		"model=base: the sizes of method.md");
	ok(MAKE(&c, "model=base", "objective=mae") == 0 && c.decoder_embed_dim == 512 && c.decoder_heads == 16 &&
			c.decoder_depth == 8,
		"model=base objective=mae: the decoder of the original program");
	ok(MAKE(&c, "model=large", "depth=2", "decoder_depth=1") == 0 && c.embed_dim == 1024 && c.depth == 2 &&
			c.decoder_depth == 1,
		"sizes that are set stay");
	again = c;
	ok(config_complete(&again) == 0 && same_config(&again, &c),
		"a second config_complete() changes nothing");
	ok(MAKE(&c, "image=40", "patch=4", "mask_ratio=0.9") == 0 && config_visible(&c) == 10,
		"100 patches, 0.9 of them masked: 10 visible");
	ok(MAKE(&c, "embed_dim=4096", "heads=32") == 0 && c.projection_hidden == CONFIG_DIM_MAX,
		"a wide encoder: the projection head has its limit, not 4 * embed_dim");
}

static void
test_presets(void)
{
	struct config c;

	ok(MAKE(&c, "model=micro") == 0 && c.w_pixel == 1 && c.dropout == 0 &&
			c.crossentropy_target == TARGET_SYMMETRIC && c.crossentropy_detach && !c.query_noise &&
			    !c.global_random && c.fold &&
			c.image_contrast == IMAGE_CONTRAST_INFONCE && c.patch_contrast == PATCH_CONTRAST_OFF &&
			c.w_image_contrast == 0.1 && c.predict_ratio == 0.5 && !c.decoder_self_attention,
		"preset=default: the defaults of method.md");
	ok(MAKE(&c, "preset=paper") == 0 && c.w_pixel == 0.75 && c.dropout == 0.5 &&
			c.crossentropy_target == TARGET_STUDENT && !c.crossentropy_detach && c.query_noise &&
			c.global_random && c.decoder_depth == 6 && c.decoder_embed_dim == c.embed_dim &&
			    c.decoder_self_attention &&
			c.student_keep == 1 && c.predict_ratio == 1 && c.patch_contrast == PATCH_CONTRAST_SIMSIAM &&
			c.image_contrast == IMAGE_CONTRAST_CROSSENTROPY && c.w_image_contrast == 1,
		"preset=paper: the values of method.md");
	ok(MAKE(&c, "preset=paper", "dropout=0", "query_noise=off", "crossentropy_target=symmetric",
			"w_pixel=1") == 0 && c.dropout == 0 && !c.query_noise && c.w_pixel == 1 && c.global_random &&
			c.crossentropy_target == TARGET_SYMMETRIC,
		"preset=paper: settings that are set stay");
}

static void
test_refused(void)
{
	static const char *const wrong[][4] = { { "image=40" }, { "image=33", "patch=4" }, { "embed_dim=98" },
		{ "embed_dim=100", "heads=3" }, { "mask_ratio=1" }, { "mask_ratio=0" },
		{ "objective=mae", "decoder_heads=5" }, { "objective=mae", "w_student_pixel=1" },
		{ "objective=mae", "dropout=0.1" }, { "patch_contrast=mse", "decoder_embed_dim=64" },
		{ "image_pool=query", "decoder_embed_dim=64" }, { "mask_tokens=off", "w_student_pixel=1" },
		{ "mask_tokens=off", "image_contrast=crossentropy" }, { "objective=mae", "student_image=on" },
		{ "student_keep=-0.5" }, { "predict_ratio=-0.5" }, { "w_image_contrast=-0.5" },
		{ "projection_hidden=6" },
		{ "color=red" }, { "embed_dim=many" }, { "image_contrast=byol" } };
	struct config c;
	size_t i;

	for (i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ok(make(&c, wrong[i]) == ERR_USAGE, "%s %s is refused: %s", wrong[i][0], wrong[i][1] ? wrong[i][1] : "",
			err_text());
}

/* every file of pipelines/conf, with the table of the trainer */
static void
test_files(const char *program)
{
	char pattern[4096];
	const char *slash = strrchr(program, '/');
	glob_t found = { 0 };
	size_t i;

	if (glob("pipelines/conf/*.conf", 0, NULL, &found) != 0) {
		snprintf(pattern, sizeof pattern, "%.*s/../../pipelines/conf/*.conf",
			slash ? (int)(slash - program) : 1, slash ? program : ".");
		glob(pattern, 0, NULL, &found);
	}
	ok(found.gl_pathc == 6, "pipelines/conf has 6 configuration files (%zu)", found.gl_pathc);
	for (i = 0; i < found.gl_pathc; i++) {
		struct config c = config_default();
		struct settings s = settings_default();
		struct opt table[CONFIG_ROWS_MAX + SETTINGS_ROWS] = { { 0 } };
		int n = 0;

		config_table(&c, table);
		while (table[n].name)
			n++;
		settings_table(&s, table + n);
		ok(opt_load(table, found.gl_pathv[i]) == 0 && config_complete(&c) == 0 &&
				settings_complete(&s, &c, task_find("pretrain"), 1000000) == 0,
			"the configuration file %s is complete", found.gl_pathv[i]);
	}
	globfree(&found);
}

static void
test_position(void)
{
	struct pos_embed p;
	const int rows = 3, columns = 5, D = 16;
	double worst = 0;
	int i, k;

	pos_embed_open(&p, rows, columns, D);
	for (i = 0; i < rows * columns; i++)
		for (k = 0; k < D; k++) {
			int half = k / (D / 2), part = k / (D / 4) % 2, position = half ? i / columns : i % columns;
			double angle = position * pow(10000, -(double)(k % (D / 4)) / (D / 4)),
				expected = part ? cos(angle) : sin(angle);

			worst = fmax(worst, fabs(p.table[i * D + k] - expected));
		}
	ok(worst < 1e-6, "the position embedding agrees with its formula (difference %.1g)", worst);
	pos_embed_close(&p);
}

static void
test_patches(void)
{
	struct patch_pixels pixels = { .channels = 3, .bytes = 1 };
	const struct patch grid = { 8, 12, 4, &pixels };
	const int index[] = { 0, 2, 5 };
	uint8_t image[8 * 12 * 3], copy[8 * 12 * 3];
	float rows[6 * 48];
	double sum = 0, squares = 0;
	int i, norm;

	for (i = 0; i < (int)sizeof image; i++)
		image[i] = (uint8_t)(i * 41 % 256);
	patch_scale(PATCH_IMAGENET, &pixels);
	patch_read(&grid, image, NULL, patch_count(&grid), rows);
	/* patch 4 = row 1, column 1; channel 2, pixel (1, 3) of it is (5, 7) of the image */
	ok(fabs(rows[4 * 48 + 2 * 16 + 1 * 4 + 3] - (image[(5 * 12 + 7) * 3 + 2] / 255.0 - 0.406) / 0.225) < 1e-6,
		"patch_read(): the order is channel, row, column");
	patch_target(&grid, image, index + 2, 1, false, rows);
	ok(fabs(rows[(1 * 4 + 2) * 3 + 1] - (image[(5 * 12 + 10) * 3 + 1] / 255.0 - 0.456) / 0.224) < 1e-6,
		"patch_target(): the order is row, column, channel");
	patch_target(&grid, image, index, 1, true, rows);
	for (i = 0; i < 48; i++) {
		sum += rows[i];
		squares += rows[i] * rows[i];
	}
	ok(fabs(sum) < 1e-4 && fabs(squares / 47 - 1) < 1e-4, "a normalized target has mean 0 and unbiased variance 1");
	for (norm = 0; norm < 2; norm++) {
		memcpy(copy, image, sizeof copy);
		patch_target(&grid, image, index, 3, norm, rows);
		patch_write(&grid, rows, index, 3, norm, copy);
		ok(memcmp(copy, image, sizeof copy) == 0, "targets%s written back give the image",
			norm ? ", normalized," : "");
	}
	for (i = 0; i < 48; i++)
		rows[i] = i % 3 == 0 ? 1e9f : i % 3 == 1 ? -1e9f : NAN;
	patch_write(&grid, rows, index, 1, false, copy);
	ok(copy[0] == 255 && copy[1] == 0 && copy[2] == 0,
		"patch_write(): predictions out of range are clamped, NaN is 0");
}

static void
test_batch(void)
{
	const long shape[] = { 8, 8, 3 }, small[] = { 8, 4, 3 }, grid[] = { 2, 2 }, wide[] = { 2, 3 },
		row[] = { 1, 4 };
	struct record r = { 0 };
	struct batch b;
	uint8_t *mask;

	batch_open(&b, 2, &(struct config){ .image = 8, .patch = 4, .channels = 3, .bits = 8, .mask_ratio = 0.75 },
		BATCH_MASKS);
	record_set_key(&r, "one");
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA, "a record without an image is refused: %s", err_text());
	memset(record_put_tensor(&r, "image", TENSOR_U8, 3, small), 1, 8 * 4 * 3);
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA, "%s", err_text());
	memset(record_put_tensor(&r, "image", TENSOR_U8, 3, shape), 1, 8 * 8 * 3);
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA, "%s", err_text());
	memset(record_put_tensor(&r, "mask", TENSOR_U8, 2, wide), 1, 6);
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA, "%s", err_text());
	memcpy(record_put_tensor(&r, "mask", TENSOR_U8, 2, row), "\1\1\0\1", 4);
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA && strstr(err_text(), "2x2") && strstr(err_text(), "1x4"),
		"a mask of another shape with the same number of patches is refused: %s", err_text());
	mask = record_put_tensor(&r, "mask", TENSOR_U8, 2, grid);
	memcpy(mask, "\1\1\0\0", 4);
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA, "%s", err_text());
	memcpy(mask, "\1\1\2\0", 4);
	ok(batch_put(&b, &r) < 0 && err_status() == ERR_DATA, "%s", err_text());
	memcpy(mask, "\1\1\0\1", 4);
	ok(batch_put(&b, &r) == 0 && b.N == 1 && b.images[191] == 1 && b.masks[2] == 0 && strcmp(b.keys[0], "one") == 0,
		"a valid record is added to the batch");
	batch_reset(&b);
	ok(b.N == 0, "batch_reset() empties the batch");
	batch_close(&b);
	record_free(&r);
}

/* ---- a model to a file and back */

static int
save(const char *path, const struct config *c, const struct params *p)
{
	struct safetensors file = { 0 };
	int result;

	model_file_describe(&file, c);
	model_file_add_params(&file, p);
	result = safetensors_write(&file, path, false);
	safetensors_close(&file);
	return result;
}

static void
test_load(void)
{
	char directory[] = "/tmp/tscae-config-XXXXXX", checkpoint[64], file[96], latest[64];
	struct config c;
	struct params p = { 0 }, q = { 0 }, e = { 0 }, d = { 0 };
	struct encoder encoder, deeper;
	struct model_file l;
	void *self, *copy;

	if (!mkdtemp(directory)) {
		ok(0, "a temporary directory");
		return;
	}
	snprintf(checkpoint, sizeof checkpoint, "%s/checkpoint-00000001", directory);
	snprintf(file, sizeof file, "%s/model.safetensors", checkpoint);
	snprintf(latest, sizeof latest, "%s/latest", directory);
	ok(model_file_open(&l, directory) < 0 && err_status() == ERR_INPUT, "an empty run directory is refused: %s",
		err_text());
	MAKE(&c, "model=micro", "preset=paper", "depth=2", "decoder_depth=1", "dropout=0.1", "image_temperature=0.07");
	self = pretrain_task.open(&c, &p);
	params_build(&p);
	params_init(&p, 1);
	ok(mkdir(checkpoint, 0777) == 0 && symlink("checkpoint-00000001", latest) == 0 && save(file, &c, &p) == 0,
		"a run directory with one checkpoint is made");

	ok(model_file_open(&l, directory) == 0 && same_config(&l.config, &c),
		"a run directory opens with the configuration that was saved");
	copy = pretrain_task.open(&l.config, &q);
	params_build(&q);
	ok(model_file_params(&l, &q) == 0 && q.size == p.size &&
			memcmp(q.values, p.values, p.size * sizeof *p.values) == 0,
		"a saved model: all parameters load with the same values");
	encoder_open(&encoder, &l.config, &e);
	params_build(&e);
	ok(model_file_params(&l, &e) == 0 && e.count < p.count &&
			memcmp(e.values, p.values, e.size * sizeof *e.values) == 0,
		"a saved model: the parameters of the encoder load alone");
	l.config.depth = 3;
	encoder_open(&deeper, &l.config, &d);
	params_build(&d);
	ok(model_file_params(&l, &d) < 0 && err_status() == ERR_DATA && strstr(err_text(), "blocks.2.norm1.weight"),
		"a missing tensor is named: %s", err_text());
	d.list[1].shape[0]++;
	ok(model_file_params(&l, &d) < 0 && err_status() == ERR_DATA && strstr(err_text(), d.list[1].name),
		"a tensor of another shape is named: %s", err_text());
	model_file_close(&l);
	ok(model_file_open(&l, checkpoint) == 0, "a checkpoint directory opens");
	model_file_close(&l);
	ok(model_file_open(&l, file) == 0, "a model file opens");
	model_file_close(&l);

	pretrain_task.close(self);
	pretrain_task.close(copy);
	encoder_close(&encoder);
	encoder_close(&deeper);
	params_free(&p);
	params_free(&q);
	params_free(&e);
	params_free(&d);
	unlink(file);
	unlink(latest);
	rmdir(checkpoint);
	rmdir(directory);
}

int
main(int argc, char **argv)
{
	(void)argc;
	test_sizes();
	test_presets();
	test_refused();
	test_files(argv[0]);
	test_position();
	test_patches();
	test_batch();
	test_load();
	return tap_end();
}
