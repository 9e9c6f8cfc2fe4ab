/* onnx - export of an encoder, or of a classifier, as an ONNX graph (operator set 17), through protobuf-c */
#include "checkpoint/onnx.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/opt.h"
#include "checkpoint/onnx_graph.h"
#include "checkpoint/safetensors.h"
#include "model/block.h"
#include "model/config_pixels.h"
#include "model/token_sequence.h"
#include "onnx.pb-c.h"
#include "stream/tensor.h"
#include "transform/patch.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct param *
find(const struct onnx *o, const char *name)
{
	return &o->params->list[params_find(o->params, name)];
}

static const char *
param(struct onnx *o, const char *name, int rank, const int64_t *dims)
{
	return onnx_constant(o, name, TYPE_FLOAT, rank, dims, o->params->values + find(o, name)->offset);
}

static const char *
norm(struct onnx *o, const char *x, const char *weight, const char *bias, double eps)
{
	Onnx__NodeProto *n = onnx_add_node(o, "LayerNormalization", NULL, x, weight, bias);

	onnx_add_attribute(o, n, "axis", ATTRIBUTE_INT)->i = -1;
	onnx_add_attribute(o, n, "epsilon", ATTRIBUTE_FLOAT)->f = (float)eps;
	return n->output[0];
}

static const char *
norm_param(struct onnx *o, const char *x, const char *name)
{
	const int64_t dims[1] = { o->config->embed_dim };
	const char *w = param(o, onnx_text(o, "%s.weight", name), 1, dims);

	return norm(o, x, w, param(o, onnx_text(o, "%s.bias", name), 1, dims), o->config->variant.norm_eps);
}

/* x w' + b; ONNX multiplies from the right, so w (outputs, inputs) is written transposed */
static const char *
linear(struct onnx *o, const char *x, const char *name, const float *w, const float *b, long outputs, long inputs)
{
	float *turned = arena_get(&o->arena, (size_t)(outputs * inputs) * sizeof *turned);
	const int64_t shape[2] = { inputs, outputs };
	const char *weight;
	long i, k;

	for (i = 0; i < outputs; i++)
		for (k = 0; k < inputs; k++)
			turned[k * outputs + i] = w[i * inputs + k];
	weight = onnx_constant(o, onnx_text(o, "%s.weight", name), TYPE_FLOAT, 2, shape, turned);
	return onnx_node(o, "Add", onnx_node(o, "MatMul", x, weight), onnx_constant(o, onnx_text(o, "%s.bias",
	    name), TYPE_FLOAT, 1, shape + 1, b));
}

static const char *
linear_param(struct onnx *o, const char *x, const char *name)
{
	const struct param *w = find(o, onnx_text(o, "%s.weight", name)), *b = find(o, onnx_text(o, "%s.bias", name));

	return linear(o, x, name, o->params->values + w->offset, o->params->values + b->offset, w->shape[0],
	    w->shape[1]);
}

static const char *
attention(struct onnx *o, const char *x, const char *block)
{
	const int64_t D = o->config->embed_dim, H = o->config->heads, d = D / H;
	const char *qkv = linear_param(o, x, onnx_text(o, "%s.attn.qkv", block)), *part[3], *y;
	int64_t i;

	qkv = onnx_node(o, "Reshape", qkv, onnx_ints(o, 5, (const int64_t[]){ 0, 0, 3, H, d }));
	qkv = onnx_node_ints(o, "Transpose", qkv, NULL, NULL, "perm", 5, (const int64_t[]){ 2, 0, 3, 1, 4 });
	for (i = 0; i < 3; i++)
		part[i] = onnx_node_int(o, "Gather", qkv, onnx_constant(o, NULL, TYPE_INT64, 0, NULL,
		    arena_copy(&o->arena, &i, sizeof i)),
			"axis", 0);
	y = onnx_node_ints(o, "Transpose", part[1], NULL, NULL, "perm", 4, (const int64_t[]){ 0, 1, 3, 2 });
	y = onnx_node(o, "Mul", onnx_node(o, "MatMul", part[0], y), onnx_number(o, (float)(1 / sqrt((double)d))));
	y = onnx_node(o, "MatMul", onnx_node_int(o, "Softmax", y, NULL, "axis", -1), part[2]);
	y = onnx_node_ints(o, "Transpose", y, NULL, NULL, "perm", 4, (const int64_t[]){ 0, 2, 1, 3 });
	y = onnx_node(o, "Reshape", y, onnx_ints(o, 3, (const int64_t[]){ 0, 0, D }));
	return linear_param(o, y, onnx_text(o, "%s.attn.proj", block));
}

/* x (1 + erf(x / sqrt(2))) / 2 */
static const char *
gelu(struct onnx *o, const char *x)
{
	const char *y = onnx_node(o, "Erf", onnx_node(o, "Mul", x, onnx_number(o, (float)sqrt(0.5))), NULL);

	return onnx_node(o, "Mul", onnx_node(o, "Mul", x, onnx_node(o, "Add", y, onnx_number(o, 1))),
	    onnx_number(o, 0.5f));
}

/* Class token and registers for each image: (N, tokens, D); NULL: none */
static const char *
tokens(struct onnx *o, long count)
{
	const int64_t D = o->config->embed_dim, dims[3] = { 1, count, D };
	float *rows = arena_get(&o->arena, (size_t)(count * D) * sizeof *rows);
	Onnx__NodeProto *batch;
	const char *shape;
	long i, class = !o->config->variant.no_class_token;

	if (count == 0)
		return NULL;
	for (i = 0; i < count; i++)
		memcpy(rows + i * D, o->params->values + find(o, i < class ? "cls_token" : onnx_text(o,
		    "reg_token.%ld", i - class))->
			offset, (size_t)D * sizeof *rows);
	batch = onnx_add_node(o, "Shape", NULL, "pixels", NULL, NULL);
	onnx_add_attribute(o, batch, "end", ATTRIBUTE_INT)->i = 1;
	shape = onnx_node_int(o, "Concat", batch->output[0], onnx_ints(o, 2, dims + 1), "axis", 0);
	return onnx_node(o, "Expand", onnx_constant(o, "tokens", TYPE_FLOAT, 3, dims, rows), shape);
}

static const char *
positions(struct onnx *o, int grid)
{
	const int64_t D = o->config->embed_dim, dims[3] = { 1, (int64_t)grid * grid, D };
	float *table = arena_get(&o->arena, (size_t)(dims[1] * D) * sizeof *table);
	const int learned = params_find(o->params, "pos_embed");
	struct pos_embed fixed;

	if (learned >= 0)
		pos_embed_resample(o->params->values + o->params->list[learned].offset,
		    (int)o->config->variant.position_grid, grid,
			grid, (int)D, table);
	else {
		pos_embed_open(&fixed, grid, grid, (int)D);
		memcpy(table, fixed.table, (size_t)(dims[1] * D) * sizeof *table);
		pos_embed_close(&fixed);
	}
	return onnx_constant(o, "pos_embed", TYPE_FLOAT, 3, dims, table);
}

/* Rows from .. end-1 of dimension 1, as the output `name`. */
static const char *
rows(struct onnx *o, const char *x, int64_t from, int64_t end)
{
	Onnx__NodeProto *n = onnx_add_node(o, "Slice", NULL, x, onnx_ints(o, 1, &from), onnx_ints(o, 1, &end));

	n->input = memcpy(arena_get(&o->arena, 4 * sizeof *n->input), n->input, 3 * sizeof *n->input);
	n->input[n->n_input++] = onnx_text(o, "%s", onnx_ints(o, 1, (const int64_t[]){ 1 }));
	return n->output[0];
}

/* The encoder; returns the mean of the patches. */
static const char *
build_encoder(struct onnx *o)
{
	const struct config *c = o->config;
	const int64_t D = c->embed_dim, p = c->patch, grid = c->image / p, P = grid * grid;
	const long front = !c->variant.no_class_token + c->variant.registers;
	const char *x, *t, *w, *mean;
	long i;

	onnx_add_value(o, true, "pixels", 4, (const int64_t[]){ 0, c->channels, c->image, c->image });
	w = param(o, "patch_embed.proj.weight", 4, (const int64_t[]){ D, c->channels, p, p });
	x = onnx_node_ints(o, "Conv", "pixels", w, param(o, "patch_embed.proj.bias", 1, &D), "strides", 2,
		(const int64_t[]){ p, p });
	x = onnx_node(o, "Reshape", x, onnx_ints(o, 3, (const int64_t[]){ 0, D, P }));
	x = onnx_node_ints(o, "Transpose", x, NULL, NULL, "perm", 3, (const int64_t[]){ 0, 2, 1 });
	x = onnx_node(o, "Add", x, positions(o, (int)grid));
	t = tokens(o, front);
	if (t)
		x = onnx_node_int(o, "Concat", t, x, "axis", 1);
	for (i = 0; i < c->depth; i++) {
		const char *block = onnx_text(o, "blocks.%ld", i), *y;

		x = onnx_node(o, "Add", x, attention(o, norm_param(o, x, onnx_text(o, "%s.norm1", block)), block));
		y = linear_param(o, norm_param(o, x, onnx_text(o, "%s.norm2", block)), onnx_text(o, "%s.mlp.fc1",
		    block));
		x = onnx_node(o, "Add", x, linear_param(o, gelu(o, y), onnx_text(o, "%s.mlp.fc2", block)));
	}
	if (!c->variant.pool_norm)
		x = norm_param(o, x, "norm");
	if (!c->variant.no_class_token)
		onnx_output(o, onnx_node(o, "Squeeze", rows(o, x, 0, 1), onnx_ints(o, 1, (const int64_t[]){ 1 })),
		    "class", 2,
			(const int64_t[]){ 0, D });
	x = rows(o, x, front, front + P);
	onnx_output(o, x, "patches", 3, (const int64_t[]){ 0, P, D });
	w = onnx_node_ints(o, "ReduceMean", x, NULL, NULL, "axes", 1, (const int64_t[]){ 1 });
	mean = onnx_node(o, "Reshape", w, onnx_ints(o, 2, (const int64_t[]){ 0, D }));
	onnx_output(o, c->variant.pool_norm ? norm_param(o, mean, "pool_norm") : mean, "mean", 2,
	    (const int64_t[]){ 0, D });
	return mean;
}

/* A tensor of the head of the task. NULL and err(). */
static const float *
head(struct onnx *o, const struct model_file *m, const char *name, long count)
{
	const struct tensor *t = safetensors_get(&m->file, name);
	float *values;

	if (!t || tensor_count(t) != count) {
		err(ERR_DATA, "no tensor '%s' of %ld numbers", name, count);
		return NULL;
	}
	values = arena_get(&o->arena, (size_t)count * sizeof *values);
	if (safetensors_floats(t, values) < 0) {
		err_in("tensor '%s'", name);
		return NULL;
	}
	return values;
}

static int
build_classifier(struct onnx *o, const struct model_file *m, const char *mean)
{
	const int64_t D = o->config->embed_dim, C = o->config->classes;
	const float *gamma = head(o, m, "fc_norm.weight", D), *beta = gamma ? head(o, m, "fc_norm.bias", D) : NULL;
	const float *w = beta ? head(o, m, "head.weight", C * D) : NULL, *b = w ? head(o, m, "head.bias", C) : NULL;
	const char *x;

	if (!b)
		return -1;
	x = norm(o, mean, onnx_constant(o, "fc_norm.weight", TYPE_FLOAT, 1, &D, gamma),
		onnx_constant(o, "fc_norm.bias", TYPE_FLOAT, 1, &D, beta), (double)BLOCK_EPS);
	x = linear(o, x, "head", w, b, C, D);
	onnx_output(o, x, "logits", 2, (const int64_t[]){ 0, C });
	onnx_output(o, onnx_node_int(o, "Softmax", x, NULL, "axis", -1), "probabilities", 2, (const int64_t[]){ 0, C });
	return 0;
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
save(struct onnx *o, const struct model_file *m, const char *path)
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
		{ "classes", classes }
	};
	Onnx__StringStringEntryProto entries[5], *list[5];
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
	for (i = 0; i < 5 && pairs[i][1]; i++) {
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
		return err(ERR_DATA, "a model of %zu bytes: one ONNX file holds at most 2 GB", size);
	bytes = mem_new(size);
	onnx__model_proto__pack(&model, bytes);
	result = file_save(path, bytes, size, true);
	free(bytes);
	return result;
}

int
onnx_write(const struct model_file *m, const struct config *target, const struct params *params, const char *path)
{
	const char *task = safetensors_metadata(&m->file, "task");
	const bool classify = task && strcmp(task, "classify") == 0;
	struct onnx o = { .params = params, .config = target };
	const char *mean;
	int result = 0;

	if (task && (strcmp(task, "detect") == 0 || strcmp(task, "segment") == 0))
		return err(ERR_DATA, "%s: ONNX of task '%s' is not supported yet, only of encoders and "
		    "classifiers", m->path, task);
	onnx__graph_proto__init(&o.graph);
	mean = build_encoder(&o);
	if (classify)
		result = build_classifier(&o, m, mean);
	if (result == 0)
		result = save(&o, m, path);
	free(o.graph.node);
	free(o.graph.initializer);
	arena_free(&o.arena);
	return result < 0 ? err_in("%s", m->path) : 0;
}
