/* checkpoint_files - the two files of one checkpoint (formats/checkpoint.md) */
#include "train/checkpoint_files.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/tensor.h"
#include "train/consumed.h"
#include "train/moment8.h"
#include "train/optimizer.h"
#include "train/run_dir.h"
#include "train/settings.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char VERSION[] = "1";	/* of state.safetensors; formats/checkpoint.md */

/* the counters of a state by their names in the metadata */
static const struct { const char *name; size_t at; } counters[] = {
	{ "step", offsetof(struct state, step) },
	{ "updates", offsetof(struct state, updates) },
	{ "bad", offsetof(struct state, bad) },
	{ "epoch", offsetof(struct state, epoch) }
};
enum { COUNTERS = sizeof counters / sizeof *counters, DIGEST_SIZE = 17 };

static void
add_moments(struct safetensors *c, const struct params *p, const char *prefix, const float *block,
	const struct moment8 *in8)
{
	char name[128];
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor t = model_file_shape(q);
		const long blocks = (long)moment8_blocks(q);

		if (q->frozen)
			continue;
		snprintf(name, sizeof name, "%s%s", prefix, q->name);
		if (block) {
			safetensors_add(c, name, TENSOR_F32, t.rank, t.shape, block + q->offset);
			continue;
		}
		safetensors_add(c, name, TENSOR_U8, t.rank, t.shape, in8->codes + q->offset);
		snprintf(name, sizeof name, "%s%s.scale", prefix, q->name);
		safetensors_add(c, name, TENSOR_F32, 1, &blocks, in8->scales + moment8_block(p, i));
	}
}

/* The file's digest goes into `digest`. */
static int
write_model(const struct checkpoint *s, const char *path, char digest[DIGEST_SIZE])
{
	struct safetensors c = { 0 };
	int result;

	model_file_describe(&c, s->config);
	safetensors_set(&c, "task", s->settings->task);
	if (s->classes->count)
		safetensors_classes_save(s->classes, &c);
	model_file_add_params(&c, s->params);
	result = safetensors_write(&c, path, false);
	if (result == 0)
		snprintf(digest, DIGEST_SIZE, "%s", safetensors_metadata(&c, "digest"));
	safetensors_close(&c);
	return result;
}

static int
write_state(const struct checkpoint *s, const char *path, const char *model_digest)
{
	struct opt rows[SETTINGS_ROWS], *o;
	struct safetensors c = { 0 };
	char key[64], text[256], *consumed = mem_new(CONSUMED_TEXT);
	int i, result;

	safetensors_set(&c, "state", VERSION);
	safetensors_set(&c, "model", model_digest);
	for (i = 0; i < COUNTERS; i++) {
		snprintf(text, sizeof text, "%ld", *(const long *)((const char *)s->state + counters[i].at));
		safetensors_set(&c, counters[i].name, text);
	}
	consumed_show(&s->state->consumed, consumed);
	safetensors_set(&c, "index", consumed);
	free(consumed);
	safetensors_set(&c, "start", s->state->start);
	settings_table(s->settings, rows);
	for (o = rows; o->name; o++)
		if (settings_matter(o->name)) {
			snprintf(key, sizeof key, "train.%s", o->name);
			safetensors_set(&c, key, opt_show(o, text, sizeof text));
		}
	add_moments(&c, s->params, "m.", s->adamw->m, &s->adamw->m8);
	add_moments(&c, s->params, "v.", s->adamw->v, &s->adamw->v8);
	result = safetensors_write(&c, path, false);
	safetensors_close(&c);
	return result;
}

/* A file that is missing is damage of the checkpoint, unlike one that cannot be opened. */
static int
open_part(struct safetensors *c, const char *path)
{
	return access(path, F_OK) < 0 && errno == ENOENT ? err(ERR_DATA, "%s: missing", path)
		: safetensors_open(c, path);
}

int
checkpoint_files_open(const char *folder, struct safetensors *model, struct safetensors *state)
{
	char *path = run_dir_path(folder, "model.safetensors");
	int result = open_part(model, path);

	free(path);
	if (result < 0)
		return -1;
	path = run_dir_path(folder, "state.safetensors");
	result = open_part(state, path);
	if (result == 0) {
		const char *digest = safetensors_metadata(model, "digest"),
		    *expected = safetensors_metadata(state, "model"), *version = safetensors_metadata(state, "state");

		if (!version || strcmp(version, VERSION) != 0)
			result = err(ERR_DATA, "%s: state of version '%s', this program reads version '%s'", path,
			    version ? version : "", VERSION);
		else if (!digest || !expected || strcmp(digest, expected) != 0)
			result = err(ERR_DATA, "%s: belongs to another model.safetensors", path);
		if (result < 0)
			safetensors_close(state);
	}
	free(path);
	if (result < 0)
		safetensors_close(model);
	return result;
}

int
checkpoint_files_write(const struct checkpoint *s, const char *folder)
{
	char *model = run_dir_path(folder, "model.safetensors"), *state = run_dir_path(folder, "state.safetensors");
	char digest[DIGEST_SIZE];
	int result = file_directory(folder);

	if (result == 0)
		result = write_model(s, model, digest);
	if (result == 0)
		result = write_state(s, state, digest);
	free(model);
	free(state);
	return result;
}

static int
compare_rows(const struct safetensors *c, const char *prefix, const struct opt *rows)
{
	char key[64], text[OPT_SHOW_SIZE];

	for (; rows->name; rows++) {
		const char *was;

		if (!settings_matter(rows->name))
			continue;
		snprintf(key, sizeof key, "%s.%s", prefix, rows->name);
		was = safetensors_metadata(c, key);
		if (!was)
			was = config_implied(rows->name);
		if (!was)
			return err(ERR_DATA,
			    "metadata '%s' is missing: another version wrote this run, use another directory", key);
		opt_show(rows, text, sizeof text);
		if (strcmp(was, text) != 0)
			return err(ERR_USAGE,
			    "the run was begun with %s=%s, not %s: use the same settings, or another directory",
			    rows->name, was, text);
	}
	return 0;
}

/* Are some of the moments of this parameter to be loaded? */
static bool
wanted(const struct checkpoint *s, const struct param *q)
{
	return !q->frozen && q->offset < s->to && q->offset + q->count > s->from;
}

/* All parameters of the model, or the moments that are wanted. */
static int
read_block(const struct safetensors *c, const struct checkpoint *s, const char *prefix, float *block, bool moments)
{
	const struct params *p = s->params;
	char name[128];
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor *t;

		if (moments && !wanted(s, q))
			continue;
		snprintf(name, sizeof name, "%s%s", prefix, q->name);
		t = safetensors_get(c, name);
		if (!t || t->type != TENSOR_F32 || !model_file_fits(t, q))
			return err(ERR_DATA, "tensor '%s' is missing or has another shape than the parameter", name);
		if (safetensors_floats(t, block + q->offset) < 0)
			return err_in("tensor '%s'", name);
		safetensors_drop_pages(c, t);
	}
	return 0;
}

/* Moments in 8 bits: codes in the shape of the parameter, and the scales of its blocks, which are finite. */
static int
read_moment8(const struct safetensors *c, const struct checkpoint *s, const char *prefix, struct moment8 *m)
{
	const struct params *p = s->params;
	char name[128];
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor *codes, *scales;
		const long blocks = (long)moment8_blocks(q);

		if (!wanted(s, q))
			continue;
		snprintf(name, sizeof name, "%s%s", prefix, q->name);
		codes = safetensors_get(c, name);
		if (!codes || codes->type != TENSOR_U8 || !model_file_fits(codes, q))
			return err(ERR_DATA, "tensor '%s' is missing or has another shape than the parameter", name);
		snprintf(name, sizeof name, "%s%s.scale", prefix, q->name);
		scales = safetensors_get(c, name);
		if (!scales || scales->type != TENSOR_F32 || scales->rank != 1 || scales->shape[0] != blocks)
			return err(ERR_DATA, "tensor '%s' is missing or has other than %ld numbers", name, blocks);
		memcpy(m->codes + q->offset, codes->data, q->count);
		if (safetensors_floats(scales, m->scales + moment8_block(p, i)) < 0)
			return err_in("tensor '%s'", name);
		safetensors_drop_pages(c, codes);
	}
	return 0;
}

/* A class is an index into the list, so the lists must be equal. */
static int
compare_classes(const struct safetensors *c, const struct class_list *now)
{
	struct class_list was = { 0 };
	int result;

	if (now->count == 0)
		return 0;
	result = safetensors_classes_load(&was, c);
	if (result == 0 && class_list_match(&was, now) < 0)
		result = err(ERR_USAGE, "the run was begun with other classes: %s", err_text());
	class_list_free(&was);
	return result;
}

int
checkpoint_files_state(const struct safetensors *c, struct state *state)
{
	const char *start = safetensors_metadata(c, "start"), *index = safetensors_metadata(c, "index");
	int i;

	for (i = 0; i < COUNTERS; i++) {
		const char *text = safetensors_metadata(c, counters[i].name);
		char *end;
		long x = text ? strtol(text, &end, 10) : -1;

		if (!text || !*text || *end || x < 0)
			return err(ERR_DATA, "metadata '%s' is missing or not a count", counters[i].name);
		*(long *)((char *)state + counters[i].at) = x;
	}
	if (!index && safetensors_metadata(c, "place"))
		return err(ERR_USAGE, "the run is of an older version, which cannot be resumed: use another directory");
	if (!index || consumed_read(&state->consumed, index) < 0)
		return err(ERR_DATA, "metadata 'index' is missing or not a list of indices");
	snprintf(state->start, sizeof state->start, "%s", start ? start : "");
	return 0;
}

int
checkpoint_files_read(const struct checkpoint *s, const struct safetensors *model, const struct safetensors *state)
{
	struct opt of_config[CONFIG_ROWS_MAX], of_settings[SETTINGS_ROWS];
	char start[sizeof s->state->start];

	memcpy(start, s->state->start, sizeof start);
	config_table(s->config, of_config);
	settings_table(s->settings, of_settings);
	if (compare_rows(model, "config", of_config) < 0 || compare_rows(state, "train", of_settings) < 0 ||
	    compare_classes(model, s->classes) < 0 || checkpoint_files_state(state, s->state) < 0)
		return -1;
	if (strcmp(start, s->state->start) != 0)
		return err(ERR_USAGE,
		    "the run was begun from other weights than those of init_from: use the same model,"
		    " or another directory");
	s->adamw->updates = s->state->updates;
	if (read_block(model, s, "", s->params->values, false) < 0)
		return -1;
	if (s->adamw->moments == MOMENTS_8BIT)
		return read_moment8(state, s, "m.", &s->adamw->m8) < 0 ? -1
			: read_moment8(state, s, "v.", &s->adamw->v8);
	return read_block(state, s, "m.", s->adamw->m, true) < 0 ? -1
		: read_block(state, s, "v.", s->adamw->v, true);
}
