/* onnx - fuzz target: any bytes as a model file, and as the settings of one that is made for them, exported as ONNX; a
   graph that is written is whole: each name is defined once before it is used, constants have the size of their shape

   Lines of the settings: NAME=VALUE of a configuration, task=NAME, names=COUNT of class names, to=PIXELS of the export,
   omit=INDEX and turn=INDEX of a parameter that is missing or has its dimensions in reverse. */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/exchange.h"
#include "checkpoint/model_file.h"
#include "checkpoint/safetensors.h"
#include "json/json.h"
#include "memory_file.h"
#include "model/config.h"
#include "model/encoder.h"
#include "nn/params.h"
#include "onnx.pb-c.h"
#include "stream/tensor.h"
#include "task/task.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* what takes longer than a fuzz run should: floats of a model, patches of an image */
enum { FLOATS = 1 << 17, PATCHES = 1 << 10, NAMES = 300 };

static char folder[] = "/dev/shm/fuzz-onnx.XXXXXX";

static void
remove_folder(void)
{
	(void)!rmdir(folder);
}

static char *
file_in_folder(const char *name)
{
	static bool made;

	if (!made && (!mkdtemp(folder) || atexit(remove_folder) != 0))
		abort();
	made = true;
	return mem_format("%s/%s", folder, name);
}

/* --- the graph */

/* Names that are defined so far. */
struct names { struct lookup index; const char **list; size_t room; };

static bool
is_defined(const struct names *n, const char *name)
{
	const uint32_t hash = lookup_bytes(name, strlen(name));
	long at = -1, i;

	while ((i = lookup_next(&n->index, hash, &at)) >= 0)
		if (strcmp(n->list[i], name) == 0)
			return true;
	return false;
}

static void
define(struct names *n, const char *name)
{
	if (!*name || is_defined(n, name))
		abort();
	n->list = mem_room(n->list, &n->room, (size_t)n->index.count + 1, sizeof *n->list);
	n->list[n->index.count] = name;
	lookup_put(&n->index, lookup_bytes(name, strlen(name)), n->index.count);
}

static void
check_constant(const Onnx__TensorProto *t)
{
	size_t i, count = 1;

	for (i = 0; i < t->n_dims; i++)
		count *= (size_t)t->dims[i];
	if (t->raw_data.len != count * (t->data_type == 1 ? sizeof(float) : sizeof(int64_t)))
		abort();
}

static void
check_graph(const Onnx__GraphProto *g)
{
	struct names n = { { 0 }, NULL, 0 };
	size_t i, k;

	for (i = 0; i < g->n_input; i++)
		define(&n, g->input[i]->name);
	for (i = 0; i < g->n_initializer; i++) {
		check_constant(g->initializer[i]);
		define(&n, g->initializer[i]->name);
	}
	for (i = 0; i < g->n_node; i++) {
		for (k = 0; k < g->node[i]->n_input; k++)
			if (*g->node[i]->input[k] && !is_defined(&n, g->node[i]->input[k]))
				abort();
		for (k = 0; k < g->node[i]->n_output; k++)
			define(&n, g->node[i]->output[k]);
	}
	for (i = 0; i < g->n_output; i++)
		if (!is_defined(&n, g->output[i]->name))
			abort();
	if (g->n_input != 1 || g->n_output == 0)
		abort();
	lookup_free(&n.index);
	free(n.list);
}

static int
count_numbers(void *arg, const struct json_token *t)
{
	*(int *)arg += t->kind == JSON_INT || t->kind == JSON_REAL;
	return 0;
}

static void
check_model(const char *path, const struct config *c)
{
	size_t size, i;
	uint8_t *bytes = (uint8_t *)file_read(path, 0, &size);
	Onnx__ModelProto *model = bytes ? onnx__model_proto__unpack(NULL, size, bytes) : NULL;

	if (!model)
		abort();
	check_graph(model->graph);
	for (i = 0; i < model->n_metadata_props; i++) {
		const Onnx__StringStringEntryProto *p = model->metadata_props[i];
		int numbers = 0;
		const struct json_rules rules = { .each = count_numbers, .arg = &numbers };

		if ((strcmp(p->key, "mean") == 0 || strcmp(p->key, "std") == 0) &&
			(json_read(&rules, p->value, strlen(p->value)) < 0 || numbers != c->channels))
			abort();
	}
	onnx__model_proto__free_unpacked(model, NULL);
	free(bytes);
}

/* --- the model */

struct wanted {
	const struct task *task;	/* NULL: the encoder alone */
	long names, to, omit, turn;
};

static void
no_warning(void *arg, const char *format, ...)
{
	(void)arg;
	(void)format;
}

static void
export_model(const char *path, long to)
{
	const struct exchange_export how = { EXCHANGE_ONNX, to, { 0.05, 0.6, 100 }, no_warning, NULL };
	char *output = file_in_folder("graph");
	struct model_file m;
	long grid;

	if (model_file_open(&m, path) == 0) {
		grid = (to ? to : m.config.image) / m.config.patch;
		if (grid * grid <= PATCHES && exchange_export(&how, &m, output) == 0)
			check_model(output, &m.config);
		else if (grid * grid <= PATCHES && err_status() != ERR_DATA && err_status() != ERR_USAGE)
			abort();
		model_file_close(&m);
	}
	unlink(output);
	free(output);
}

/* Take a line of the settings into the metadata and the configuration. */
static void
take_line(char *line, struct safetensors *file, const struct opt *rows, const struct opt *variant, struct wanted *w)
{
	char *value = strchr(line, '='), key[80];
	const struct opt *row;

	if (!value)
		return;
	*value++ = 0;
	row = opt_find(rows, line) ? opt_find(rows, line) : opt_find(variant, line);
	if (strcmp(line, "task") == 0 && (w->task = task_find(value)))
		safetensors_set(file, "task", value);
	else if (strcmp(line, "names") == 0)
		w->names = strtol(value, NULL, 10) % NAMES;
	else if (strcmp(line, "to") == 0)
		w->to = labs(strtol(value, NULL, 10) % CONFIG_IMAGE_MAX);
	else if (strcmp(line, "omit") == 0)
		w->omit = strtol(value, NULL, 10);
	else if (strcmp(line, "turn") == 0)
		w->turn = strtol(value, NULL, 10);
	else if (row && opt_set(row, value) == 0) {
		snprintf(key, sizeof key, "config.%s", line);
		safetensors_set(file, key, value);
	}
}

/* Declare the parameters of the configuration; false: it has none, or too large ones. */
static bool
declare(const struct config *c, const struct wanted *w, struct params *p)
{
	struct encoder encoder;
	void *task;

	if (c->depth > 3 || c->decoder_depth > 3 || c->image / c->patch > 32 || c->queue_size > 1000)
		return false;
	if (w->task) {
		task = w->task->open(c, p);
		if (!task)
			return false;
		w->task->close(task);
	} else {
		encoder_open(&encoder, c, p);
		encoder_close(&encoder);
	}
	return p->size <= FLOATS;
}

static void
add_tensors(struct safetensors *file, struct params *p, const struct wanted *w)
{
	int i, k;

	params_build(p);
	params_init(p, 0);
	for (i = 0; i < p->count; i++) {
		struct tensor t = model_file_shape(&p->list[i]);

		for (k = 0; k < t.rank && i == w->turn; k++)
			t.shape[k] = p->list[i].shape[t.rank - 1 - k];
		if (i != w->omit)
			safetensors_add(file, p->list[i].name, t.type, t.rank, t.shape, p->values + p->list[i].offset);
	}
}

static void
add_names(struct safetensors *file, long count)
{
	struct class_list names = { 0 };
	char name[24];
	long i;

	for (i = 0; i < count; i++) {
		snprintf(name, sizeof name, "class %ld", i);
		if (class_list_add(&names, name, i) < 0)
			abort();
	}
	safetensors_classes_save(&names, file);
	class_list_free(&names);
}

/* Export a model with the settings of a text, which is changed. */
static void
make_model(char *text)
{
	struct opt rows[CONFIG_ROWS_MAX], variant[CONFIG_VARIANT_ROWS];
	struct config c = config_default();
	struct wanted w = { NULL, -1, 0, -1, -1 };
	struct safetensors file = { 0 };
	struct params params = { 0 };
	char *path = file_in_folder("model"), *line, *next;

	config_table(&c, rows);
	config_variant_table(&c, variant);
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		take_line(line, &file, rows, variant, &w);
	}
	if (config_complete(&c) == 0 && declare(&c, &w, &params))
		add_tensors(&file, &params, &w);
	if (w.names >= 0)
		add_names(&file, w.names);
	if (safetensors_write(&file, path, false) < 0)
		abort();
	export_model(path, w.to);
	unlink(path);
	safetensors_close(&file);
	params_free(&params);
	free(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct memory_file f = memory_file("", 0, bytes, size);
	char *text = mem_new(size + 1);

	export_model(f.path, 0);
	close(f.fd);
	if (size)
		memcpy(text, bytes, size);
	make_model(text);
	free(text);
	return 0;
}
