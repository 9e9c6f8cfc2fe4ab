/* saved - the two files of one snapshot (formats/checkpoint.md) */
#include "train/saved.h"
#include "base/err.h"
#include "base/file.h"
#include "model/load.h"
#include "train/folder.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char VERSION[] = "1";	/* of state.safetensors; formats/checkpoint.md */

/* the whole numbers of a state by their names in the metadata */
static const struct { const char *name; size_t at; } counters[] = {
	{ "step", offsetof(struct state, step) },
	{ "updates", offsetof(struct state, updates) },
	{ "bad", offsetof(struct state, bad) },
	{ "epoch", offsetof(struct state, epoch) }
};
enum { COUNTERS = sizeof counters / sizeof *counters };

static void
add_moments(struct checkpoint *c, const struct params *p, const char *prefix, const float *block)
{
	char name[128];
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor t = load_shape(q);

		snprintf(name, sizeof name, "%s%s", prefix, q->name);
		if (!q->frozen)
			checkpoint_add(c, name, t.type, t.rank, t.shape, block + q->offset);
	}
}

static int
write_model(const struct snapshot *s, const char *path)
{
	struct checkpoint c = { 0 };
	int result;

	load_describe(&c, s->config);
	checkpoint_set(&c, "task", s->settings->task);
	if (s->classes->count)
		classes_save(s->classes, &c);
	load_add_params(&c, s->params);
	result = checkpoint_write(&c, path, false);
	checkpoint_close(&c);
	return result;
}

static int
write_state(const struct snapshot *s, const char *path, const char *model_digest)
{
	struct opt rows[SETTINGS_ROWS], *o;
	struct checkpoint c = { 0 };
	char key[64], text[256], *places = mem_new(TAKEN_TEXT);
	int i, result;

	checkpoint_set(&c, "state", VERSION);
	checkpoint_set(&c, "model", model_digest);
	for (i = 0; i < COUNTERS; i++) {
		snprintf(text, sizeof text, "%ld", *(const long *)((const char *)s->state + counters[i].at));
		checkpoint_set(&c, counters[i].name, text);
	}
	taken_show(&s->state->taken, places);
	checkpoint_set(&c, "place", places);
	free(places);
	checkpoint_set(&c, "start", s->state->start);
	settings_table(s->settings, rows);
	for (o = rows; o->name; o++)
		if (settings_matter(o->name)) {
			snprintf(key, sizeof key, "train.%s", o->name);
			checkpoint_set(&c, key, opt_show(o, text, sizeof text));
		}
	add_moments(&c, s->params, "m.", s->adamw->m);
	add_moments(&c, s->params, "v.", s->adamw->v);
	result = checkpoint_write(&c, path, false);
	checkpoint_close(&c);
	return result;
}

int
saved_open(const char *folder, struct checkpoint *model, struct checkpoint *state)
{
	char *path = folder_path(folder, "model.safetensors");
	int result = checkpoint_open(model, path);

	free(path);
	if (result < 0)
		return -1;
	path = folder_path(folder, "state.safetensors");
	result = checkpoint_open(state, path);
	if (result == 0) {
		const char *digest = checkpoint_metadata(model, "digest"), *want = checkpoint_metadata(state, "model"), *version = checkpoint_metadata(state, "state");

		if (!version || strcmp(version, VERSION) != 0)
			result = err(ERR_DATA, "%s: version '%s', this program reads '%s'", path, version ? version : "", VERSION);
		else if (!digest || !want || strcmp(digest, want) != 0)
			result = err(ERR_DATA, "%s: belongs to another model.safetensors", path);
		if (result < 0)
			checkpoint_close(state);
	}
	free(path);
	if (result < 0)
		checkpoint_close(model);
	return result;
}

int
saved_write(const struct snapshot *s, const char *folder)
{
	char *model = folder_path(folder, "model.safetensors"), *state = folder_path(folder, "state.safetensors");
	struct checkpoint c;
	int result = file_directory(folder);

	if (result == 0)
		result = write_model(s, model);
	if (result == 0 && (result = checkpoint_open(&c, model)) == 0) {
		result = write_state(s, state, checkpoint_metadata(&c, "digest"));
		checkpoint_close(&c);
	}
	free(model);
	free(state);
	return result;
}

static int
compare_rows(const struct checkpoint *c, const char *prefix, const struct opt *rows)
{
	char key[64], text[256];

	for (; rows->name; rows++) {
		const char *was;

		if (!settings_matter(rows->name))
			continue;
		snprintf(key, sizeof key, "%s.%s", prefix, rows->name);
		was = checkpoint_metadata(c, key);
		opt_show(rows, text, sizeof text);
		if (!was || strcmp(was, text) != 0)
			return err(ERR_USAGE, "the run was begun with %s=%s, now it is %s: use the same settings, or another directory", rows->name, was ? was : "(unknown)", text);
	}
	return 0;
}

static int
read_block(const struct checkpoint *c, const struct params *p, const char *prefix, float *block, bool frozen)
{
	char name[128];
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		const struct tensor *t;

		if (q->frozen && !frozen)
			continue;
		snprintf(name, sizeof name, "%s%s", prefix, q->name);
		t = checkpoint_get(c, name);
		if (!t || t->type != TENSOR_F32 || !load_fits(t, q))
			return err(ERR_DATA, "tensor '%s' is missing or of another shape", name);
		if (checkpoint_floats(t, block + q->offset) < 0)
			return -1;
		checkpoint_forget(c, t);
	}
	return 0;
}

/* A class is a number into the list: under another list it would mean another class. */
static int
compare_classes(const struct checkpoint *c, const struct classes *now)
{
	struct classes was = { 0 };
	int result;

	if (now->count == 0)
		return 0;
	result = classes_load(&was, c);
	if (result == 0 && classes_match(&was, now) < 0)
		result = err(ERR_USAGE, "the run was begun with other classes: %s", err_text());
	classes_free(&was);
	return result;
}

int
saved_state(const struct checkpoint *c, struct state *state)
{
	const char *start = checkpoint_metadata(c, "start"), *place = checkpoint_metadata(c, "place");
	int i;

	for (i = 0; i < COUNTERS; i++) {
		const char *text = checkpoint_metadata(c, counters[i].name);
		char *end;
		long x = text ? strtol(text, &end, 10) : -1;

		if (!text || !*text || *end || x < 0)
			return err(ERR_DATA, "metadata '%s' is missing or no count", counters[i].name);
		*(long *)((char *)state + counters[i].at) = x;
	}
	if (!place || taken_read(&state->taken, place) < 0)
		return err(ERR_DATA, "metadata 'place' is missing or no place");
	snprintf(state->start, sizeof state->start, "%s", start ? start : "");
	return 0;
}

int
saved_read(const struct snapshot *s, const struct checkpoint *model, const struct checkpoint *state)
{
	struct opt of_config[CONFIG_ROWS_MAX], of_settings[SETTINGS_ROWS];
	char start[sizeof s->state->start];

	memcpy(start, s->state->start, sizeof start);
	config_table(s->config, of_config);
	settings_table(s->settings, of_settings);
	if (compare_rows(model, "config", of_config) < 0 || compare_rows(state, "train", of_settings) < 0 ||
	    compare_classes(model, s->classes) < 0 || saved_state(state, s->state) < 0)
		return -1;
	if (strcmp(start, s->state->start) != 0)
		return err(ERR_USAGE, "the run was begun with other weights than init brings: use the same model, or another directory");
	s->adamw->updates = s->state->updates;
	if (read_block(model, s->params, "", s->params->values, true) < 0 || read_block(state, s->params, "m.", s->adamw->m, false) < 0)
		return -1;
	return read_block(state, s->params, "v.", s->adamw->v, false);
}
