/* model_file - a model on disk: its configuration in the metadata, its parameters by name */
#include "checkpoint/model_file.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "base/pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char prefix[] = "config.";

char *
model_file_path(const char *path)
{
	static const char *const inside[] = { "latest/model.safetensors", "model.safetensors" };
	struct stat info;
	size_t i;

	if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode))
		return mem_text(path);
	for (i = 0; i < 2; i++) {
		char *file = mem_format("%s/%s", path, inside[i]);

		/* where the latest one cannot be read, another one would be wrong */
		if (file_exists(file))
			return file;
		free(file);
	}
	return mem_format("%s/%s", path, inside[1]);
}

char *
model_file_find(const char *path)
{
	char *file = model_file_path(path);

	if (strcmp(file, path) == 0 || file_exists(file))
		return file;
	free(file);
	err(ERR_INPUT, "%s: a directory without a checkpoint (latest/model.safetensors) and without model.safetensors",
		path);
	return NULL;
}

int
model_file_config(const struct safetensors *file, const char *path, struct config *config)
{
	struct opt table[CONFIG_ROWS_MAX], variant[CONFIG_VARIANT_ROWS];
	int i, found = 0;

	*config = config_default();
	config_table(config, table);
	config_variant_table(config, variant);
	for (i = 0; i < file->metadata_count; i++) {
		const char *key = file->metadata[i].key;
		const struct opt *row;

		if (strncmp(key, prefix, sizeof prefix - 1) != 0)
			continue;
		row = opt_find(table, key + sizeof prefix - 1);
		if (!row)
			row = opt_find(variant, key + sizeof prefix - 1);
		if (!row)
			return err(ERR_DATA, "%s: metadata '%s': unknown setting; another version wrote this model, "
			    "train it again",
				path, key);
		if (opt_set(row, file->metadata[i].value) < 0)
			return err(ERR_DATA, "%s: metadata: %s", path, err_text());
		found++;
	}
	if (found == 0)
		return err(ERR_DATA, "%s: no configuration in the metadata; convert foreign weights with tscae-import",
			path);
	if (config_complete(config) < 0)
		return err(ERR_DATA, "%s: metadata: %s", path, err_text());
	return 0;
}

int
model_file_open_unverified(struct model_file *m, const char *path)
{
	*m = (struct model_file){ .path = model_file_find(path) };
	if (!m->path)
		return -1;
	if (safetensors_open_unverified(&m->file, m->path) < 0) {
		model_file_close(m);
		return -1;
	}
	if (model_file_config(&m->file, m->path, &m->config) < 0) {
		model_file_check_error(m);
		model_file_close(m);
		return -1;
	}
	return 0;
}

static int
verify(const struct model_file *m)
{
	return safetensors_verify(&m->file) < 0 ? err_in("%s", m->path) : 0;
}

int
model_file_check_error(const struct model_file *m)
{
	const int status = err_status();
	char *text = mem_text(err_text());

	if (verify(m) == 0)
		err(status, "%s", text);
	free(text);
	return -1;
}

int
model_file_open(struct model_file *m, const char *path)
{
	if (model_file_open_unverified(m, path) < 0)
		return -1;
	if (verify(m) < 0) {
		model_file_close(m);
		return -1;
	}
	return 0;
}

struct tensor
model_file_shape(const struct param *p)
{
	struct tensor t = { .type = TENSOR_F32, .rank = p->rank };
	int i;

	for (i = 0; i < p->rank; i++)
		t.shape[i] = p->shape[i];
	return t;
}

bool
model_file_fits(const struct tensor *t, const struct param *p)
{
	const struct tensor want = model_file_shape(p);

	return t->rank == want.rank && memcmp(t->shape, want.shape, sizeof want.shape) == 0;
}

/* The tensor of a parameter. NULL and err(ERR_DATA): none, or one of another shape. */
static const struct tensor *
find_tensor(const struct model_file *m, const struct param *q)
{
	const struct tensor *t = safetensors_get(&m->file, q->name), want = model_file_shape(q);
	char found[64], expected[64];

	if (t && model_file_fits(t, q))
		return t;
	if (t)
		err(ERR_DATA, "%s: tensor '%s' is %s, expected %s", m->path, q->name,
			tensor_show(t, found, sizeof found), tensor_show(&want, expected, sizeof expected));
	else
		err(ERR_DATA, "%s: no tensor '%s' (%s)", m->path, q->name,
			tensor_show(&want, expected, sizeof expected));
	return NULL;
}

int
model_file_has_params(const struct model_file *m, const struct params *p)
{
	int i;

	for (i = 0; i < p->count; i++)
		if (!find_tensor(m, &p->list[i]))
			return -1;
	return 0;
}

/* Parameter i from the tensor of its name, into the values of `p` in their layout. */
static int
load_one(const struct model_file *m, struct params *p, int i)
{
	const struct param *q = &p->list[i];
	const struct tensor *t = find_tensor(m, q);
	float *values;
	int result = 0;

	if (!t)
		return -1;
	if (!params_is_packed(p, i))
		result = safetensors_floats(t, p->values + q->offset);
	else if (t->type == TENSOR_F32 && !tensor_swapped(t->type) && (uintptr_t)t->data % sizeof(float) == 0) {
		result = safetensors_check_finite(t->data, tensor_count(t));
		if (result == 0)
			params_put(p, i, t->data);
	} else {
		values = mem_array(q->count, sizeof *values);
		result = safetensors_floats(t, values);
		if (result == 0)
			params_put(p, i, values);
		free(values);
	}
	safetensors_drop_pages(&m->file, t);
	return result < 0 ? err_in("%s: tensor '%s'", m->path, q->name) : 0;
}

int
model_file_params(const struct model_file *m, struct params *p)
{
	int i;

	for (i = 0; i < p->count; i++)
		if (load_one(m, p, i) < 0)
			return -1;
	return 0;
}

/* The arguments of load_piece(). err() is thread-local: the errors of the pieces are collected here. */
struct parallel_load {
	const struct model_file *m;
	struct params *p;
	struct failure { int status; char *text; } *failures;	/* one per piece; text NULL: none */
};

/* Piece 0 verifies the digest, which takes longest; each further piece loads a parameter. */
static void
load_piece(void *arg, int i, int worker)
{
	struct parallel_load *w = arg;

	(void)worker;
	if ((i == 0 ? verify(w->m) : load_one(w->m, w->p, i - 1)) < 0)
		w->failures[i] = (struct failure){ err_status(), mem_text(err_text()) };
}

int
model_file_params_packed(const struct model_file *m, struct params *p, struct pool *pool)
{
	const int pieces = 1 + p->count;
	struct parallel_load w = { m, p, mem_array((size_t)pieces, sizeof *w.failures) };
	int i, result = 0;

	p->packed = true;
	pool_run(pool, pieces, load_piece, &w);
	for (i = 0; i < pieces; i++) {
		if (w.failures[i].text && result == 0)
			result = err(w.failures[i].status, "%s", w.failures[i].text);
		free(w.failures[i].text);
	}
	free(w.failures);
	return result;
}

void
model_file_close(struct model_file *m)
{
	safetensors_close(&m->file);
	free(m->path);
	*m = (struct model_file){ 0 };
}

void
model_file_describe(struct safetensors *c, const struct config *config)
{
	struct config copy = *config, plain = config_default();
	struct opt table[CONFIG_ROWS_MAX], variant[CONFIG_VARIANT_ROWS], usual[CONFIG_VARIANT_ROWS], *row;
	char key[96], value[OPT_SHOW_SIZE], usual_value[64];
	const char *implied;

	config_table(&copy, table);
	for (row = table; row->name; row++) {
		snprintf(key, sizeof key, "%s%s", prefix, row->name);
		opt_show(row, value, sizeof value);
		implied = config_implied(row->name);
		if (!implied || strcmp(value, implied) != 0)
			safetensors_set(c, key, value);
	}
	/* only where the encoder is not ours */
	config_variant_table(&copy, variant);
	config_variant_table(&plain, usual);
	for (row = variant; row->name; row++) {
		snprintf(key, sizeof key, "%s%s", prefix, row->name);
		opt_show(row, value, sizeof value);
		if (strcmp(value, opt_show(&usual[row - variant], usual_value, sizeof usual_value)) != 0)
			safetensors_set(c, key, value);
	}
}

void
model_file_add_params(struct safetensors *c, const struct params *p)
{
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor t = model_file_shape(q);

		safetensors_add(c, q->name, t.type, t.rank, t.shape, p->values + q->offset);
	}
}
