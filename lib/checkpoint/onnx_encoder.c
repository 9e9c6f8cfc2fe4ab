/* onnx_encoder - the encoder as nodes of an ONNX graph */
#include "checkpoint/onnx_encoder.h"
#include "base/mem.h"
#include "checkpoint/onnx_graph.h"
#include "checkpoint/onnx_layer.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/token_sequence.h"
#include "nn/op.h"
#include "nn/params.h"
#include "onnx.pb-c.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static const char *
attention(struct onnx *o, const char *x, const char *block)
{
	const int64_t D = o->config->embed_dim, H = o->config->heads, d = D / H;
	const char *qkv = onnx_layer_linear(o, x, onnx_text(o, "%s.attn.qkv", block)), *part[3], *y;
	int64_t i;

	qkv = onnx_reshape(o, qkv, 5, (const int64_t[]){ 0, 0, 3, H, d });
	qkv = onnx_transpose(o, qkv, 5, (const int64_t[]){ 2, 0, 3, 1, 4 });
	for (i = 0; i < 3; i++)
		part[i] = onnx_node_int(o, "Gather", qkv, onnx_constant(o, NULL, TYPE_INT64, 0, NULL,
			arena_copy(&o->arena, &i, sizeof i)), "axis", 0);
	y = onnx_transpose(o, part[1], 4, (const int64_t[]){ 0, 1, 3, 2 });
	y = onnx_node(o, "MatMul", part[0], y);
	y = onnx_node(o, "Mul", y, onnx_number(o, (float)(1 / sqrt((double)d))));
	y = onnx_node(o, "MatMul", onnx_node_int(o, "Softmax", y, NULL, "axis", -1), part[2]);
	y = onnx_transpose(o, y, 4, (const int64_t[]){ 0, 2, 1, 3 });
	return onnx_layer_linear(o, onnx_reshape(o, y, 3, (const int64_t[]){ 0, 0, D }),
		onnx_text(o, "%s.attn.proj", block));
}

static const char *
transform(struct onnx *o, const char *x, long i)
{
	const double eps = o->config->variant.norm_eps;
	const char *block = onnx_text(o, "blocks.%ld", i), *y;

	y = onnx_layer_norm(o, x, onnx_text(o, "%s.norm1", block), eps);
	x = onnx_node(o, "Add", x, attention(o, y, block));
	y = onnx_layer_norm(o, x, onnx_text(o, "%s.norm2", block), eps);
	y = onnx_layer_gelu(o, onnx_layer_linear(o, y, onnx_text(o, "%s.mlp.fc1", block)));
	return onnx_node(o, "Add", x, onnx_layer_linear(o, y, onnx_text(o, "%s.mlp.fc2", block)));
}

/* Rows of dimension 1 by a list of `count`. */
static const char *
gather_rows(struct onnx *o, const char *x, int count, const int *list)
{
	int64_t *index = arena_array(&o->arena, (size_t)count, sizeof *index);
	int i;

	for (i = 0; i < count; i++)
		index[i] = list[i];
	return onnx_node_int(o, "Gather", x, onnx_ints(o, count, index), "axis", 1);
}

/* A block in windows of w x w tokens, each with the class token (nn/tokens.c). */
static const char *
transform_windows(struct onnx *o, const char *x, long i, int grid, int w)
{
	const int64_t D = o->config->embed_dim;
	const int count = op_window_count(grid, grid, w), each = 1 + w * w, L = 1 + grid * grid;
	int *split = arena_array(&o->arena, mem_product((size_t)count, (size_t)each), sizeof *split);
	int *merge = arena_array(&o->arena, (size_t)L, sizeof *merge);
	const char *class;

	op_window_split(grid, grid, w, split);
	op_window_merge(grid, grid, w, merge);
	x = onnx_reshape(o, gather_rows(o, x, count * each, split), 3, (const int64_t[]){ -1, each, D });
	x = transform(o, x, i);
	class = onnx_reshape(o, onnx_slice(o, x, 1, 0, 1), 3, (const int64_t[]){ -1, count, D });
	class = onnx_node_ints(o, "ReduceMean", class, NULL, NULL, "axes", 1, (const int64_t[]){ 1 });
	x = onnx_reshape(o, x, 3, (const int64_t[]){ -1, (int64_t)count * each, D });
	return onnx_node_int(o, "Concat", class, gather_rows(o, x, L - 1, merge + 1), "axis", 1);
}

/* Class token and registers for each image: (N, tokens, D); NULL: none */
static const char *
tokens(struct onnx *o, long count)
{
	const int64_t D = o->config->embed_dim, dims[3] = { 1, count, D };
	const long class = !o->config->variant.no_class_token;
	float *rows = arena_array(&o->arena, mem_product((size_t)count, (size_t)D), sizeof *rows);
	Onnx__NodeProto *batch;
	const char *shape;
	long i;

	if (count == 0)
		return NULL;
	for (i = 0; i < count; i++)
		memcpy(rows + i * D, onnx_layer_values(o, i < class ? "cls_token"
			: onnx_text(o, "reg_token.%ld", i - class)), (size_t)D * sizeof *rows);
	batch = onnx_add_node(o, "Shape", NULL, "pixels", NULL, NULL);
	onnx_add_attribute(o, batch, "end", ATTRIBUTE_INT)->i = 1;
	shape = onnx_node_int(o, "Concat", batch->output[0], onnx_ints(o, 2, dims + 1), "axis", 0);
	return onnx_node(o, "Expand", onnx_constant(o, "tokens", TYPE_FLOAT, 3, dims, rows), shape);
}

static const char *
positions(struct onnx *o, int grid)
{
	const int64_t D = o->config->embed_dim, dims[3] = { 1, (int64_t)grid * grid, D };
	float *table = arena_array(&o->arena, mem_product((size_t)dims[1], (size_t)D), sizeof *table);
	struct pos_embed fixed;

	if (params_find(o->params, "pos_embed") >= 0)
		pos_embed_resample(onnx_layer_values(o, "pos_embed"), (int)o->config->variant.position_grid, grid, grid,
			(int)D, table);
	else {
		pos_embed_open(&fixed, grid, grid, (int)D);
		memcpy(table, fixed.table, (size_t)(dims[1] * D) * sizeof *table);
		pos_embed_close(&fixed);
	}
	return onnx_constant(o, "pos_embed", TYPE_FLOAT, 3, dims, table);
}

struct onnx_encoder
onnx_encoder_build(struct onnx *o, const struct encoder *e)
{
	const struct config *c = o->config;
	const int64_t D = c->embed_dim, p = c->patch, grid = c->image / p, P = grid * grid;
	const long front = !c->variant.no_class_token + c->variant.registers;
	struct onnx_encoder out = { NULL, NULL, NULL };
	const char *x, *t, *w;
	int window;
	long i;

	onnx_input(o, "pixels", 4, (const int64_t[]){ 0, c->channels, c->image, c->image });
	w = onnx_layer_param(o, "patch_embed.proj.weight", 4, (const int64_t[]){ D, c->channels, p, p });
	x = onnx_node_ints(o, "Conv", "pixels", w, onnx_layer_param(o, "patch_embed.proj.bias", 1, &D), "strides", 2,
		(const int64_t[]){ p, p });
	x = onnx_reshape(o, x, 3, (const int64_t[]){ 0, D, P });
	x = onnx_transpose(o, x, 3, (const int64_t[]){ 0, 2, 1 });
	x = onnx_node(o, "Add", x, positions(o, (int)grid));
	t = tokens(o, front);
	if (t)
		x = onnx_node_int(o, "Concat", t, x, "axis", 1);
	for (i = 0; i < c->depth; i++) {
		window = encoder_window(e, (int)i, (int)grid, (int)grid);
		x = window ? transform_windows(o, x, i, (int)grid, window) : transform(o, x, i);
	}
	if (!c->variant.pool_norm)
		x = onnx_layer_norm(o, x, "norm", c->variant.norm_eps);
	if (!c->variant.no_class_token) {
		out.class = onnx_slice(o, x, 1, 0, 1);
		out.class = onnx_node(o, "Squeeze", out.class, onnx_ints(o, 1, (const int64_t[]){ 1 }));
	}
	out.patches = onnx_slice(o, x, 1, front, front + P);
	x = onnx_node_ints(o, "ReduceMean", out.patches, NULL, NULL, "axes", 1, (const int64_t[]){ 1 });
	out.mean = onnx_reshape(o, x, 2, (const int64_t[]){ 0, D });
	return out;
}
