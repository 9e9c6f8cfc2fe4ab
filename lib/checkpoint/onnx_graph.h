/* onnx_graph - build an ONNX graph: nodes, constants, inputs and outputs; everything lives in one arena */
#ifndef CHECKPOINT_ONNX_GRAPH_H
#define CHECKPOINT_ONNX_GRAPH_H

#include "base/mem.h"
#include "onnx.pb-c.h"

#include <stddef.h>
#include <stdint.h>

/* numbers of the published schema */
enum { OPSET = 17, IR_VERSION = 8, TYPE_FLOAT = 1, TYPE_INT64 = 7, ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2,
	ATTRIBUTE_STRING = 3, ATTRIBUTE_INTS = 7 };

struct onnx {
	struct arena arena;
	Onnx__GraphProto graph;
	size_t node_room, tensor_room;
	const struct params *params;	/* of the encoder and the head of the task */
	const struct config *config;	/* with the image size of the export */
	int names;			/* outputs named so far */
};

/* C does not define the order in which arguments are evaluated: no call has two arguments that append to the graph.

   Nodes return the name of their output; data of constants is borrowed until the model is written; rank and dims are
   the shape. onnx_add_node() takes up to three inputs, NULL ends them, and a name for its output or NULL. */
char *onnx_text(struct onnx *o, const char *format, ...) __attribute__((format(printf, 2, 3)));
Onnx__NodeProto *onnx_add_node(struct onnx *o, const char *type, const char *output, const char *a, const char *b,
	const char *c);
/* Append an input ("": left out), up to six; append an output, and return its name. */
void onnx_add_input(struct onnx *o, Onnx__NodeProto *n, const char *name);
const char *onnx_add_output(struct onnx *o, Onnx__NodeProto *n);
Onnx__AttributeProto *onnx_add_attribute(struct onnx *o, Onnx__NodeProto *n, const char *name, int type);
void onnx_add_text(struct onnx *o, Onnx__NodeProto *n, const char *attribute, const char *value);
void onnx_add_ints(struct onnx *o, Onnx__NodeProto *n, const char *attribute, int count, const int64_t *values);
const char *onnx_node(struct onnx *o, const char *type, const char *a, const char *b);
const char *onnx_node_int(struct onnx *o, const char *type, const char *a, const char *b, const char *attribute,
	int64_t value);
const char *onnx_node_ints(struct onnx *o, const char *type, const char *a, const char *b, const char *c,
	const char *attribute, int count, const int64_t *values);
/* A named constant is appended once: a second call returns the first. */
const char *onnx_constant(struct onnx *o, const char *name, int type, int rank, const int64_t *dims, const void *data);
const char *onnx_ints(struct onnx *o, int count, const int64_t *values);
const char *onnx_number(struct onnx *o, float x);
const char *onnx_reshape(struct onnx *o, const char *x, int rank, const int64_t *dims);
const char *onnx_transpose(struct onnx *o, const char *x, int rank, const int64_t *order);
/* Elements from .. end-1 of a dimension. */
const char *onnx_slice(struct onnx *o, const char *x, int64_t axis, int64_t from, int64_t end);

/* Inputs and outputs of the graph. The first dimension is N, whatever dims[0]. */
void onnx_input(struct onnx *o, const char *name, int rank, const int64_t *dims);
void onnx_output(struct onnx *o, const char *x, const char *name, int type, int rank, const int64_t *dims);

#endif
