/* onnx_graph - build an ONNX graph: nodes, constants, inputs and outputs; everything lives in one arena */
#include "checkpoint/onnx_graph.h"
#include "base/mem.h"
#include "stream/tensor.h"

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* of a node; of the graph */
enum { INPUTS_MAX = 6, OUTPUTS_MAX = 2, ATTRIBUTES_MAX = 4, VALUES_MAX = 8 };

char *
onnx_text(struct onnx *o, const char *format, ...)
{
	va_list ap, again;
	char *text;
	int n;

	va_start(ap, format);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	assert(n >= 0);
	text = arena_get(&o->arena, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, format, ap);
	va_end(ap);
	return text;
}

/* Append a node with up to three inputs (NULL ends them); its output has the name `output`, or a new one. */
Onnx__NodeProto *
onnx_add_node(struct onnx *o, const char *type, const char *output, const char *a, const char *b, const char *c)
{
	const char *const inputs[] = { a, b, c };
	Onnx__NodeProto *n = arena_get(&o->arena, sizeof *n);
	int i;

	onnx__node_proto__init(n);
	n->op_type = onnx_text(o, "%s", type);
	n->input = arena_array(&o->arena, INPUTS_MAX, sizeof *n->input);
	n->output = arena_array(&o->arena, OUTPUTS_MAX, sizeof *n->output);
	for (i = 0; i < 3 && inputs[i]; i++)
		onnx_add_input(o, n, inputs[i]);
	if (output)
		n->output[n->n_output++] = onnx_text(o, "%s", output);
	else
		onnx_add_output(o, n);
	n->name = n->output[0];
	o->graph.node = mem_room(o->graph.node, &o->node_room, o->graph.n_node + 1, sizeof *o->graph.node);
	o->graph.node[o->graph.n_node++] = n;
	return n;
}

void
onnx_add_input(struct onnx *o, Onnx__NodeProto *n, const char *name)
{
	assert(n->n_input < INPUTS_MAX);
	n->input[n->n_input++] = onnx_text(o, "%s", name);
}

const char *
onnx_add_output(struct onnx *o, Onnx__NodeProto *n)
{
	assert(n->n_output < OUTPUTS_MAX);
	return n->output[n->n_output++] = onnx_text(o, "x%d", o->names++);
}

Onnx__AttributeProto *
onnx_add_attribute(struct onnx *o, Onnx__NodeProto *n, const char *name, int type)
{
	Onnx__AttributeProto *a = arena_get(&o->arena, sizeof *a);

	onnx__attribute_proto__init(a);
	a->name = onnx_text(o, "%s", name);
	a->type = type;
	if (!n->attribute)
		n->attribute = arena_array(&o->arena, ATTRIBUTES_MAX, sizeof(Onnx__AttributeProto *));
	assert(n->n_attribute < ATTRIBUTES_MAX);
	n->attribute[n->n_attribute++] = a;
	return a;
}

void
onnx_add_text(struct onnx *o, Onnx__NodeProto *n, const char *attribute, const char *value)
{
	Onnx__AttributeProto *a = onnx_add_attribute(o, n, attribute, ATTRIBUTE_STRING);

	a->s.len = strlen(value);
	a->s.data = arena_copy(&o->arena, value, a->s.len);
}

void
onnx_add_ints(struct onnx *o, Onnx__NodeProto *n, const char *attribute, int count, const int64_t *values)
{
	Onnx__AttributeProto *a = onnx_add_attribute(o, n, attribute, ATTRIBUTE_INTS);

	a->n_ints = (size_t)count;
	a->ints = arena_copy(&o->arena, values, mem_product((size_t)count, sizeof *values));
}

const char *
onnx_node(struct onnx *o, const char *type, const char *a, const char *b)
{
	return onnx_add_node(o, type, NULL, a, b, NULL)->output[0];
}

const char *
onnx_node_int(struct onnx *o, const char *type, const char *a, const char *b, const char *attribute, int64_t value)
{
	Onnx__NodeProto *n = onnx_add_node(o, type, NULL, a, b, NULL);

	onnx_add_attribute(o, n, attribute, ATTRIBUTE_INT)->i = value;
	return n->output[0];
}

const char *
onnx_node_ints(struct onnx *o, const char *type, const char *a, const char *b, const char *c,
	const char *attribute, int count, const int64_t *values)
{
	Onnx__NodeProto *n = onnx_add_node(o, type, NULL, a, b, c);

	onnx_add_ints(o, n, attribute, count, values);
	return n->output[0];
}

const char *
onnx_constant(struct onnx *o, const char *name, int type, int rank, const int64_t *dims, const void *data)
{
	const enum tensor_type element = type == TYPE_FLOAT ? TENSOR_F32 : TENSOR_I64;
	Onnx__TensorProto *t;
	size_t count = 1, i;
	int k;

	for (i = 0; name && i < o->graph.n_initializer; i++)
		if (strcmp(o->graph.initializer[i]->name, name) == 0)
			return o->graph.initializer[i]->name;
	t = arena_get(&o->arena, sizeof *t);
	onnx__tensor_proto__init(t);
	t->name = name ? onnx_text(o, "%s", name) : onnx_text(o, "c%d", o->names++);
	t->data_type = type;
	t->n_dims = (size_t)rank;
	t->dims = arena_copy(&o->arena, dims, mem_product((size_t)rank, sizeof *dims));
	for (k = 0; k < rank; k++)
		count *= (size_t)dims[k];
	t->raw_data.len = count * tensor_width(element);
	t->raw_data.data = (uint8_t *)(uintptr_t)data;
	if (tensor_swapped(element)) {
		t->raw_data.data = arena_copy(&o->arena, data, t->raw_data.len);
		tensor_swap(element, t->raw_data.data, t->raw_data.len);
	}
	o->graph.initializer = mem_room(o->graph.initializer, &o->tensor_room, o->graph.n_initializer + 1,
		sizeof *o->graph.initializer);
	o->graph.initializer[o->graph.n_initializer++] = t;
	return t->name;
}

const char *
onnx_ints(struct onnx *o, int count, const int64_t *values)
{
	const int64_t dims[1] = { count };

	return onnx_constant(o, NULL, TYPE_INT64, 1, dims, arena_copy(&o->arena, values,
	    mem_product((size_t)count, sizeof *values)));
}

const char *
onnx_number(struct onnx *o, float x)
{
	return onnx_constant(o, NULL, TYPE_FLOAT, 0, (const int64_t[]){ 0 }, arena_copy(&o->arena, &x, sizeof x));
}

const char *
onnx_reshape(struct onnx *o, const char *x, int rank, const int64_t *dims)
{
	return onnx_node(o, "Reshape", x, onnx_ints(o, rank, dims));
}

const char *
onnx_transpose(struct onnx *o, const char *x, int rank, const int64_t *order)
{
	return onnx_node_ints(o, "Transpose", x, NULL, NULL, "perm", rank, order);
}

const char *
onnx_slice(struct onnx *o, const char *x, int64_t axis, int64_t from, int64_t end)
{
	const char *const first = onnx_ints(o, 1, &from), *const last = onnx_ints(o, 1, &end);
	Onnx__NodeProto *n = onnx_add_node(o, "Slice", NULL, x, first, last);

	onnx_add_input(o, n, onnx_ints(o, 1, &axis));
	return n->output[0];
}

/* The name, type and shape of an input or output. */
static Onnx__ValueInfoProto *
value(struct onnx *o, const char *name, int type, int rank, const int64_t *dims)
{
	Onnx__ValueInfoProto *v = arena_get(&o->arena, sizeof *v);
	Onnx__GraphProto *g = &o->graph;
	Onnx__TensorShapeProto *shape;
	int k;

	onnx__value_info_proto__init(v);
	v->name = onnx_text(o, "%s", name);
	v->type = arena_get(&o->arena, sizeof *v->type);
	onnx__type_proto__init(v->type);
	v->type->tensor_type = arena_get(&o->arena, sizeof *v->type->tensor_type);
	onnx__tensor_type_proto__init(v->type->tensor_type);
	v->type->tensor_type->elem_type = type;
	v->type->tensor_type->shape = shape = arena_get(&o->arena, sizeof *shape);
	onnx__tensor_shape_proto__init(shape);
	shape->dim = arena_array(&o->arena, (size_t)rank, sizeof(Onnx__DimensionProto *));
	for (k = 0; k < rank; k++) {
		Onnx__DimensionProto *d = arena_get(&o->arena, sizeof *d);

		onnx__dimension_proto__init(d);
		d->value_case = k ? ONNX__DIMENSION_PROTO__VALUE_DIM_VALUE : ONNX__DIMENSION_PROTO__VALUE_DIM_PARAM;
		if (k)
			d->dim_value = dims[k];
		else
			d->dim_param = onnx_text(o, "N");
		shape->dim[shape->n_dim++] = d;
	}
	if (!g->input) {
		g->input = arena_array(&o->arena, VALUES_MAX, sizeof(Onnx__ValueInfoProto *));
		g->output = arena_array(&o->arena, VALUES_MAX, sizeof(Onnx__ValueInfoProto *));
	}
	assert(g->n_input < VALUES_MAX && g->n_output < VALUES_MAX);
	return v;
}

void
onnx_input(struct onnx *o, const char *name, int rank, const int64_t *dims)
{
	Onnx__ValueInfoProto *v = value(o, name, TYPE_FLOAT, rank, dims);

	o->graph.input[o->graph.n_input++] = v;
}

void
onnx_output(struct onnx *o, const char *x, const char *name, int type, int rank, const int64_t *dims)
{
	Onnx__ValueInfoProto *v = value(o, name, type, rank, dims);

	onnx_add_node(o, "Identity", name, x, NULL, NULL);
	o->graph.output[o->graph.n_output++] = v;
}
