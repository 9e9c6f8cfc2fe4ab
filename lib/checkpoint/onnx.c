/* onnx - export of a model of any task as an ONNX graph (operator set 17), through protobuf-c */
#include "checkpoint/onnx.h"
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/model_file.h"
#include "checkpoint/onnx_dense.h"
#include "checkpoint/onnx_encoder.h"
#include "checkpoint/onnx_graph.h"
#include "checkpoint/onnx_layer.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/fcos.h"
#include "model/fpn.h"
#include "model/layer.h"
#include "nn/params.h"
#include "onnx.pb-c.h"
#include "transform/patch.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The parts of a model that its graph is made of. */
struct onnx_parts {
	struct encoder encoder;
	struct fpn fpn;
	struct fcos fcos;
	const struct onnx_detections *detections;
};

/* A row for each task: its head's parameters, and its nodes with their outputs. */
struct onnx_task {
	const char *name;	/* metadata `task`; NULL: the encoder alone, of any other task */
	void (*open)(struct onnx_parts *parts, const struct config *c, struct params *p);
	void (*build)(struct onnx *o, const struct onnx_parts *parts, const struct onnx_encoder *x);
	const char *outputs;	/* described in the metadata */
};

/* Features as outputs; returns the mean of the patches, after its norm. */
static const char *
put_features(struct onnx *o, const struct onnx_encoder *x)
{
	const struct config *c = o->config;
	const int64_t D = c->embed_dim, grid = c->image / c->patch;
	const char *mean = x->mean;

	if (c->variant.pool_norm)
		mean = onnx_layer_norm(o, mean, "pool_norm", c->variant.norm_eps);
	if (x->class)
		onnx_output(o, x->class, "class", TYPE_FLOAT, 2, (const int64_t[]){ 0, D });
	onnx_output(o, x->patches, "patches", TYPE_FLOAT, 3, (const int64_t[]){ 0, grid * grid, D });
	onnx_output(o, mean, "mean", TYPE_FLOAT, 2, (const int64_t[]){ 0, D });
	return mean;
}

static void
build_features(struct onnx *o, const struct onnx_parts *parts, const struct onnx_encoder *x)
{
	(void)parts;
	put_features(o, x);
}

static void
open_classifier(struct onnx_parts *parts, const struct config *c, struct params *p)
{
	(void)parts;
	layer_linear(p, (int)c->classes, (int)c->embed_dim, "head");
}

static void
build_classifier(struct onnx *o, const struct onnx_parts *parts, const struct onnx_encoder *x)
{
	const int64_t dims[2] = { 0, o->config->classes };
	const char *y;

	(void)parts;
	y = onnx_layer_linear(o, put_features(o, x), "head");
	onnx_output(o, y, "logits", TYPE_FLOAT, 2, dims);
	onnx_output(o, onnx_node_int(o, "Softmax", y, NULL, "axis", -1), "probabilities", TYPE_FLOAT, 2, dims);
}

static void
open_detector(struct onnx_parts *parts, const struct config *c, struct params *p)
{
	fpn_open(&parts->fpn, c, p);
	fcos_open(&parts->fcos, c, p);
}

static void
build_detector(struct onnx *o, const struct onnx_parts *parts, const struct onnx_encoder *x)
{
	onnx_dense_detect(o, x->patches, &parts->fcos, parts->detections);
}

static void
open_segmenter(struct onnx_parts *parts, const struct config *c, struct params *p)
{
	fpn_open(&parts->fpn, c, p);
	params_add(p, INIT_ZERO, 4, parts->fpn.C, 3, 3, parts->fpn.C, "fuse.conv.weight");
	layer_norm(p, parts->fpn.C, "fuse.norm");
	layer_linear(p, (int)c->classes, parts->fpn.C, "label_head");
}

static void
build_segmenter(struct onnx *o, const struct onnx_parts *parts, const struct onnx_encoder *x)
{
	(void)parts;
	onnx_dense_segment(o, x->patches);
}

static const struct onnx_task tasks[] = {
	{ "classify", open_classifier, build_classifier,
		"features; logits and probabilities (N, classes)" },
	{ "detect", open_detector, build_detector,
		"detections after non-maximum suppression, best first: boxes (N, M, 4) left, top, right, bottom in "
		"pixels of the input, scores (N, M), classes (N, M), count (N); rows from count on are empty" },
	{ "segment", open_segmenter, build_segmenter,
		"logits (N, classes, height, width) and their argmax, classes (N, height, width), at the size of "
		"the input" },
	{ NULL, NULL, build_features,
		"features: mean (N, D) of the patches, patches (N, P, D), class (N, D)" },
};

static const struct onnx_task *
find_task(const char *name)
{
	const struct onnx_task *t = tasks;

	while (t->name && !(name && strcmp(name, t->name) == 0))
		t++;
	return t;
}

/* Numbers as a JSON list. */
static const char *
list_text(struct onnx *o, int count, const double *x)
{
	const char *text = "";
	char number[32];
	int i;

	for (i = 0; i < count; i++)
		text = onnx_text(o, "%s%s%s", text, i ? "," : "", opt_show_real(x[i], number, sizeof number));
	return onnx_text(o, "[%s]", text);
}

static int
save(struct onnx *o, const struct model_file *m, const struct onnx_task *task, const char *path)
{
	const struct patch_pixels p = config_pixels(o->config);
	const char *classes = safetensors_metadata(&m->file, "classes");
	const char *const pairs[][2] = {
		{ "image", onnx_text(o, "%ld", o->config->image) },
		{ "layout", onnx_text(o, "%s, (%s - mean) / std; shorter side to the image size (bicubic), center crop",
			p.channels == 3 ? "RGB" : onnx_text(o, "%d channels", p.channels),
			p.bytes == 1 ? "byte / 255" : "16-bit sample / 65535") },
		{ "mean", list_text(o, p.channels, p.mean) },
		{ "std", list_text(o, p.channels, p.std) },
		{ "outputs", task->outputs },
		{ "classes", classes }
	};
	enum { PAIRS = sizeof pairs / sizeof *pairs };
	Onnx__StringStringEntryProto entries[PAIRS], *list[PAIRS];
	Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT, *opsets[] = { &opset };
	Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
	uint8_t *bytes;
	size_t size;
	int i, result;

	opset.version = OPSET;
	model.ir_version = IR_VERSION;
	model.producer_name = onnx_text(o, "tscae");
	model.n_opset_import = 1;
	model.opset_import = opsets;
	for (i = 0; i < PAIRS && pairs[i][1]; i++) {
		onnx__string_string_entry_proto__init(&entries[i]);
		entries[i].key = onnx_text(o, "%s", pairs[i][0]);
		entries[i].value = arena_text(&o->arena, pairs[i][1]);
		list[i] = &entries[i];
	}
	model.n_metadata_props = (size_t)i;
	model.metadata_props = list;
	o->graph.name = onnx_text(o, "tscae");
	model.graph = &o->graph;
	size = onnx__model_proto__get_packed_size(&model);
	if (size > INT32_MAX)
		return err(ERR_DATA, "%s: a model of %zu bytes: one ONNX file holds at most 2 GB", m->path, size);
	bytes = mem_new(size);
	onnx__model_proto__pack(&model, bytes);
	result = file_save(path, bytes, size, true);
	free(bytes);
	return result;
}

/* The head of a task has a name for each class. */
static int
check_classes(const struct model_file *m, const struct onnx_task *task)
{
	struct class_list names = { 0 };
	int result = 0;

	if (task->name)
		result = safetensors_classes_load(&names, &m->file) < 0 ? err_in("%s", m->path) : 0;
	if (result == 0 && task->name && (names.count == 0 || names.count != m->config.classes))
		result = err(ERR_DATA, "%s: %d class names for %ld classes", m->path, names.count, m->config.classes);
	class_list_free(&names);
	return result;
}

/* The parameters are in the file, and the graph fits into one: checked before either takes memory. */
static int
check_size(const struct model_file *m, const struct config *target, const struct params *params)
{
	const double grid = (double)target->image / (double)target->patch;
	/* of each patch: a row of the position table, points of a detector, tokens of the windows of each block */
	const double row = (double)target->embed_dim, points = 4 * 22,
		windows = target->window_size ? 8.0 * (double)target->depth : 0;

	if (model_file_has_params(m, params) < 0)
		return -1;
	return ((double)params->size + grid * grid * (row + points + windows)) * sizeof(float) <= INT32_MAX ? 0
		: err(ERR_DATA, "%s: too large for images of %ld pixels: one ONNX file holds at most 2 GB", m->path,
		target->image);
}

int
onnx_write(const struct model_file *m, const struct config *target, const struct onnx_detections *how,
	const char *path)
{
	const struct onnx_task *task = find_task(safetensors_metadata(&m->file, "task"));
	struct onnx_parts parts = { .detections = how };
	struct params params = { 0 };
	struct onnx o = { .params = &params, .config = target };
	struct onnx_encoder x;
	int result;

	if (check_classes(m, task) < 0)
		return -1;
	encoder_open(&parts.encoder, &m->config, &params);
	if (task->open)
		task->open(&parts, &m->config, &params);
	result = check_size(m, target, &params);
	if (result == 0) {
		params_build(&params);
		result = model_file_params(m, &params);
	}
	onnx__graph_proto__init(&o.graph);
	if (result == 0) {
		x = onnx_encoder_build(&o, &parts.encoder);
		task->build(&o, &parts, &x);
		result = save(&o, m, task, path);
	}
	encoder_close(&parts.encoder);
	params_free(&params);
	free(o.graph.node);
	free(o.graph.initializer);
	arena_free(&o.arena);
	return result;
}
