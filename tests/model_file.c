/* model_file - models on disk: loaded by a thread pool to the same parameters, damage found, each file hashed once */
/* this digest_add() counts the bytes; the object defines all of hash.c, so the library's copy is not linked */
#define digest_add digest_add_uncounted
#include "../lib/base/hash.c"	/* NOLINT(bugprone-suspicious-include) */
#include "annotation/class_list.h"
#include "base/opt.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/tensor.h"
#include "train/optimizer.h"
#include "train/settings.h"

#undef digest_add
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/pool.h"
#include "checkpoint/model_file.h"
#include "inference/predict.h"
#include "model/encoder.h"
#include "same_config.h"
#include "tap.h"
#include "task/classify.h"
#include "train/checkpoint.h"

#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/tscae-load-XXXXXX";
static atomic_size_t hashed;	/* bytes since the last hashes() */

void digest_add(struct digest *d, const void *bytes, size_t size);

void
digest_add(struct digest *d, const void *bytes, size_t size)
{
	hashed += size;
	digest_add_uncounted(d, bytes, size);
}

/* How many times a file of `size` bytes was hashed since the last call. */
static double
hashes(size_t size)
{
	return (double)atomic_exchange(&hashed, 0) / (double)size;
}

static size_t
size_of(const char *file)
{
	struct stat info;

	return stat(file, &info) == 0 ? (size_t)info.st_size : 0;
}

static void
encoder_params(struct params *p, const struct config *c)
{
	struct encoder e;

	encoder_open(&e, c, p);
	encoder_close(&e);
	params_build(p);
}

/* Write the model with elements of that type. */
static void
save(const struct config *c, const struct params *p, enum tensor_type type)
{
	struct safetensors file = { 0 };
	double *wide = mem_array(p->size, sizeof *wide);

	for (size_t i = 0; i < p->size; i++)
		wide[i] = (double)p->values[i];
	model_file_describe(&file, c);
	for (int i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor t = model_file_shape(q);

		safetensors_add(&file, q->name, type, t.rank, t.shape,
			type == TENSOR_F64 ? (void *)(wide + q->offset) : (void *)(p->values + q->offset));
	}
	ok(safetensors_write(&file, path, false) == 0, "a model is written with elements of type %s",
		tensor_name(type));
	safetensors_close(&file);
	free(wide);
}

static void
test_same(const struct config *c, const struct params *packed)
{
	for (int threads = 1; threads <= 4; threads += 3) {
		struct pool *pool = pool_new(threads);
		struct params q = { 0 };
		struct model_file m;

		ok(model_file_open_unverified(&m, path) == 0 && same_config(&m.config, c),
			"an unverified file has the configuration that was written");
		encoder_params(&q, &m.config);
		ok(model_file_params_packed(&m, &q, pool) == 0 &&
				memcmp(q.values, packed->values, q.size * sizeof *q.values) == 0,
			"%d threads load the same packed parameters as params_pack() makes", threads);
		params_free(&q);
		model_file_close(&m);
		pool_free(pool);
	}
}

/* Flip one bit of byte `at` of the file; beyond the end: of the last byte. */
static void
flip(size_t at)
{
	size_t size;
	char *bytes = file_read(path, 0, &size);
	struct file f;

	at = at < size ? at : size - 1;
	bytes[at] ^= 1;
	ok(file_create(&f, path) == 0 && file_write(&f, bytes, size) == 0 && file_commit(&f, false) == 0,
		"one bit of byte %zu is flipped", at);
	free(bytes);
}

static size_t
offset_of(const char *text)
{
	size_t size, at;
	char *bytes = file_read(path, 0, &size);

	for (at = 0; at + strlen(text) < size && memcmp(bytes + at, text, strlen(text)) != 0; at++)
		;
	free(bytes);
	return at;
}

static void
test_damaged(const struct config *c)
{
	struct pool *pool = pool_new(3);
	struct params q = { 0 };
	struct model_file m;

	encoder_params(&q, c);
	flip((size_t)-1);
	ok(model_file_open_unverified(&m, path) == 0, "an unverified file opens although a bit of its data is flipped");
	ok(model_file_params_packed(&m, &q, pool) < 0 && err_status() == ERR_DATA && strstr(err_text(), "damaged"),
		"an unverified file with a flipped bit: loading its parameters reports the damage: %s", err_text());
	model_file_close(&m);
	ok(model_file_open(&m, path) < 0 && strstr(err_text(), "damaged"),
		"a verified open of a file with a flipped bit reports the damage: %s", err_text());
	flip((size_t)-1);
	/* "blocks.1.norm1" becomes another name: the tensor is missing because the file is damaged */
	flip(offset_of("blocks.1.norm1") + strlen("blocks.1.norm"));
	ok(model_file_open_unverified(&m, path) == 0 && model_file_params_packed(&m, &q, pool) < 0 &&
			strstr(err_text(), "damaged"),
		"a tensor with a flipped bit in its name is reported as damage: %s", err_text());
	model_file_close(&m);
	flip(offset_of("blocks.1.norm0") + strlen("blocks.1.norm"));
	flip(offset_of("config.depth") + strlen("config.d"));
	ok(model_file_open_unverified(&m, path) < 0 && err_status() == ERR_DATA && strstr(err_text(), "damaged"),
		"a setting with a flipped bit in its name is reported as damage: %s", err_text());
	params_free(&q);
	pool_free(pool);
}

static void
test_missing(const struct config *c, const struct params *p)
{
	struct pool *pool = pool_new(3);
	struct config deeper = *c;
	struct params q = { 0 };
	struct model_file m;

	save(c, p, TENSOR_F32);
	deeper.depth++;
	encoder_params(&q, &deeper);
	ok(model_file_open_unverified(&m, path) == 0 && model_file_params_packed(&m, &q, pool) < 0 &&
			err_status() == ERR_DATA && strstr(err_text(), "no tensor 'blocks.2.norm1.weight'"),
		"the error names the first missing tensor: %s", err_text());
	model_file_close(&m);
	params_free(&q);
	pool_free(pool);
}

/* Closing what failed to open frees nothing twice. */
static void
test_closed_after_error(void)
{
	struct pool *pool = pool_new(1);
	struct predict p;
	struct model_file m;

	ok(model_file_open(&m, "/nowhere/model.safetensors") < 0 && err_status() == ERR_INPUT,
		"a missing model: %s", err_text());
	model_file_close(&m);
	ok(predict_open(&p, &classify_task, "/nowhere/model.safetensors", pool) < 0,
		"a missing model does not open for predictions");
	predict_close(&p);
	ok(1, "what failed to open is closed");
	pool_free(pool);
}

/* The last element of parameter i is `bad` in the file: each way of loading reports file, tensor and element. */
static void
test_not_finite(const struct config *c, struct params *p, int i, enum tensor_type type, float bad)
{
	const size_t at = p->list[i].offset + p->list[i].count - 1;
	const float was = p->values[at];
	struct pool *pool = pool_new(2);
	struct params q = { 0 }, packed = { 0 };
	struct model_file m;
	char name[200];

	snprintf(name, sizeof name, "%s: tensor '%s': element %zu is ", path, p->list[i].name, p->list[i].count - 1);
	p->values[at] = bad;
	save(c, p, type);
	p->values[at] = was;
	encoder_params(&q, c);
	encoder_params(&packed, c);
	ok(model_file_open(&m, path) == 0 && model_file_params(&m, &q) < 0 && err_status() == ERR_DATA &&
			strstr(err_text(), name),
		"loading refuses %f of type %s: %s", (double)bad, tensor_name(type), err_text());
	model_file_close(&m);
	ok(model_file_open_unverified(&m, path) == 0 && model_file_params_packed(&m, &packed, pool) < 0 &&
			err_status() == ERR_DATA && strstr(err_text(), name),
		"loading packed parameters refuses %f of type %s: %s", (double)bad, tensor_name(type), err_text());
	model_file_close(&m);
	params_free(&q);
	params_free(&packed);
	pool_free(pool);
}

/* A file is hashed once when it is written and once when it is loaded, on each way to load it. */
static void
test_hashed_once(const struct config *c, const struct params *p)
{
	struct pool *pool = pool_new(2);
	struct config deeper = *c;
	struct params q = { 0 }, missing = { 0 };
	struct model_file m;
	size_t size;

	hashes(1);
	save(c, p, TENSOR_F32);
	size = size_of(path);
	ok(hashes(size) == 1, "writing a model hashes the file once");
	encoder_params(&q, c);
	ok(model_file_open(&m, path) == 0 && model_file_params(&m, &q) == 0 && hashes(size) == 1,
		"a verified open and loading hash the file once");
	model_file_close(&m);
	ok(model_file_open_unverified(&m, path) == 0 && hashes(size) == 0, "an unverified open does not hash the file");
	ok(model_file_params_packed(&m, &q, pool) == 0 && hashes(size) == 1,
		"loading packed parameters hashes the file once");
	model_file_close(&m);
	deeper.depth++;
	encoder_params(&missing, &deeper);
	ok(model_file_open_unverified(&m, path) == 0 && model_file_params_packed(&m, &missing, pool) < 0 &&
			hashes(size) == 1,
		"loading that fails hashes the file once");
	model_file_close(&m);
	params_free(&q);
	params_free(&missing);
	pool_free(pool);
}

__attribute__((format(printf, 2, 3))) static void
no_warning(void *arg, const char *format, ...)
{
	(void)arg;
	ok(0, "unexpected warning: %s", format);
}

/* A checkpoint's files are hashed when they are written and when they are read back, no more. */
static void
test_checkpoint_hashes(const struct config *c, struct params *p)
{
	char run[] = "/tmp/tscae-run-XXXXXX", model[96], state[96];
	struct settings settings = settings_default();
	struct adamw adamw = { 0 };
	struct config config = *c;
	struct class_list none = { 0 };
	struct state saved = { .step = 1 };
	const struct checkpoint s = { run, &settings, &config, p, &adamw, 0, p->size, &none, &saved,
		no_warning, NULL };
	size_t size;

	if (!mkdtemp(run)) {
		ok(0, "a temporary directory");
		return;
	}
	adamw_open(&adamw, p);
	hashes(1);
	ok(checkpoint_save(&s) == 0, "a checkpoint is saved");
	snprintf(model, sizeof model, "%s/checkpoint-00000001/model.safetensors", run);
	snprintf(state, sizeof state, "%s/checkpoint-00000001/state.safetensors", run);
	size = size_of(model) + size_of(state);
	ok(size > 0 && hashes(size) == 2,
		"saving a checkpoint hashes its files once when written and once when read back");
	ok(checkpoint_state(run, &saved) == 0 && saved.step == 1 && hashes(size) == 1,
		"opening the checkpoint hashes its files once");
	saved = (struct state){ .step = 2, .epoch = -1 };
	ok(checkpoint_save(&s) == 0 && checkpoint_state(run, &saved) < 0 && err_status() == ERR_DATA &&
			strncmp(err_text(), run, strlen(run)) == 0 && strstr(err_text(), "'epoch'"),
		"an error in the counters names the run: %s", err_text());
	saved = (struct state){ .step = 3 };
	p->values[0] = NAN;
	ok(checkpoint_save(&s) == 0 && checkpoint_load(&s) < 0 && strstr(err_text(), p->list[0].name),
		"an error in a tensor names it: %s", err_text());
	adamw_close(&adamw);
	ok(file_remove(run) == 0, "the run directory is removed");
}

int
main(void)
{
	static const char *const settings[] = { "model=micro", "embed_dim=64", "heads=4", "depth=2", "objective=mae" };
	struct config c = config_default();
	struct opt table[CONFIG_ROWS_MAX];
	struct params p = { 0 }, packed = { 0 };
	int wrong = 0, fd = mkstemp(path);

	close(fd);
	config_table(&c, table);
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		wrong += opt_assign(table, settings[i]) < 0;
	ok(!wrong && config_complete(&c) == 0, "a small configuration is complete");
	encoder_params(&p, &c);
	params_init(&p, 1);
	encoder_params(&packed, &c);
	memcpy(packed.values, p.values, p.size * sizeof *p.values);
	params_pack(&packed);
	ok(memcmp(packed.values, p.values, p.size * sizeof *p.values) != 0,
		"params_pack() changes the layout of some parameters");
	save(&c, &p, TENSOR_F64);
	test_same(&c, &packed);
	save(&c, &p, TENSOR_F32);
	test_same(&c, &packed);
	test_damaged(&c);
	test_missing(&c, &p);
	test_closed_after_error();
	for (int i = 0; i < p.count; i += p.count - 1) {
		test_not_finite(&c, &p, i, TENSOR_F32, NAN);
		test_not_finite(&c, &p, i, TENSOR_F64, -INFINITY);
	}
	test_not_finite(&c, &p, params_find(&p, "blocks.1.mlp.fc1.weight"), TENSOR_F32, INFINITY);
	test_hashed_once(&c, &p);
	test_checkpoint_hashes(&c, &p);
	params_free(&p);
	params_free(&packed);
	unlink(path);
	return tap_end();
}
