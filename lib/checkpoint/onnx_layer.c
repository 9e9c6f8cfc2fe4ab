/* onnx_layer - the layers of the models as nodes of an ONNX graph: the functions of lib/nn, with parameters by name */
#include "checkpoint/onnx_layer.h"
#include "base/mem.h"
#include "checkpoint/onnx_graph.h"
#include "nn/params.h"
#include "onnx.pb-c.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

static const struct param *
find(const struct onnx *o, const char *name)
{
	const int i = params_find(o->params, name);

	assert(i >= 0);
	return &o->params->list[i];
}

const float *
onnx_layer_values(struct onnx *o, const char *name)
{
	return o->params->values + find(o, name)->offset;
}

const char *
onnx_layer_param(struct onnx *o, const char *name, int rank, const int64_t *dims)
{
	return onnx_constant(o, name, TYPE_FLOAT, rank, dims, onnx_layer_values(o, name));
}

const char *
onnx_layer_norm(struct onnx *o, const char *x, const char *name, double eps)
{
	const char *weight = onnx_text(o, "%s.weight", name), *bias = onnx_text(o, "%s.bias", name);
	const int64_t width = find(o, weight)->shape[0];
	const char *w = onnx_layer_param(o, weight, 1, &width);
	Onnx__NodeProto *n = onnx_add_node(o, "LayerNormalization", NULL, x, w, onnx_layer_param(o, bias, 1, &width));

	onnx_add_attribute(o, n, "axis", ATTRIBUTE_INT)->i = -1;
	onnx_add_attribute(o, n, "epsilon", ATTRIBUTE_FLOAT)->f = (float)eps;
	return n->output[0];
}

/* ONNX multiplies from the right, so w (outputs, inputs) is written transposed */
const char *
onnx_layer_product(struct onnx *o, const char *x, const char *name)
{
	const char *weight = onnx_text(o, "%s.weight", name);
	const long outputs = find(o, weight)->shape[0], inputs = find(o, weight)->shape[1];
	float *turned = arena_array(&o->arena, mem_product((size_t)outputs, (size_t)inputs), sizeof *turned);
	const float *w = onnx_layer_values(o, weight);
	const int64_t shape[2] = { inputs, outputs };
	long i, k;

	for (i = 0; i < outputs; i++)
		for (k = 0; k < inputs; k++)
			turned[k * outputs + i] = w[i * inputs + k];
	return onnx_node(o, "MatMul", x, onnx_constant(o, weight, TYPE_FLOAT, 2, shape, turned));
}

const char *
onnx_layer_linear(struct onnx *o, const char *x, const char *name)
{
	const char *bias = onnx_text(o, "%s.bias", name);
	const int64_t width = find(o, bias)->shape[0];

	x = onnx_layer_product(o, x, name);
	return onnx_node(o, "Add", x, onnx_layer_param(o, bias, 1, &width));
}

const char *
onnx_layer_gelu(struct onnx *o, const char *x)
{
	const char *y = onnx_node(o, "Erf", onnx_node(o, "Mul", x, onnx_number(o, (float)sqrt(0.5))), NULL);

	y = onnx_node(o, "Mul", x, onnx_node(o, "Add", y, onnx_number(o, 1)));
	return onnx_node(o, "Mul", y, onnx_number(o, 0.5f));
}

const char *
onnx_layer_channels_first(struct onnx *o, const char *x)
{
	return onnx_transpose(o, x, 4, (const int64_t[]){ 0, 3, 1, 2 });
}

const char *
onnx_layer_channels_last(struct onnx *o, const char *x)
{
	return onnx_transpose(o, x, 4, (const int64_t[]){ 0, 2, 3, 1 });
}

const char *
onnx_layer_conv(struct onnx *o, const char *x, const char *name)
{
	const struct param *p = find(o, name);
	const long outputs = p->shape[0], taps = p->shape[1] * p->shape[2], C = p->shape[3];
	const int64_t shape[4] = { outputs, C, p->shape[1], p->shape[2] };
	float *moved = arena_array(&o->arena, p->count, sizeof *moved);
	const float *w = onnx_layer_values(o, name);
	long i, k, c;

	for (i = 0; i < outputs; i++)
		for (k = 0; k < taps; k++)
			for (c = 0; c < C; c++)
				moved[(i * C + c) * taps + k] = w[(i * taps + k) * C + c];
	x = onnx_node_ints(o, "Conv", onnx_layer_channels_first(o, x), onnx_constant(o, name, TYPE_FLOAT, 4, shape,
		moved), NULL, "pads", 4, (const int64_t[]){ 1, 1, 1, 1 });
	return onnx_layer_channels_last(o, x);
}

const char *
onnx_layer_resize(struct onnx *o, const char *x, int64_t C, int64_t height, int64_t width)
{
	Onnx__NodeProto *batch = onnx_add_node(o, "Shape", NULL, x, NULL, NULL), *n;
	const int64_t sizes[3] = { C, height, width };
	const char *shape;

	onnx_add_attribute(o, batch, "end", ATTRIBUTE_INT)->i = 1;
	shape = onnx_node_int(o, "Concat", batch->output[0], onnx_ints(o, 3, sizes), "axis", 0);
	n = onnx_add_node(o, "Resize", NULL, x, "", "");
	onnx_add_input(o, n, shape);
	onnx_add_text(o, n, "mode", "linear");
	onnx_add_text(o, n, "coordinate_transformation_mode", "half_pixel");
	return n->output[0];
}
