/* onnx_dense - the heads of detection and segmentation as nodes of an ONNX graph, with their outputs

   The graph repeats model/fpn.c, model/fcos.c, task/segment.c and inference/detections.c node by node. */
#include "checkpoint/onnx_dense.h"
#include "base/mem.h"
#include "checkpoint/onnx.h"
#include "checkpoint/onnx_graph.h"
#include "checkpoint/onnx_layer.h"
#include "model/config.h"
#include "model/fcos.h"
#include "model/fpn.h"
#include "model/layer.h"
#include "nn/op.h"
#include "onnx.pb-c.h"

#include <stddef.h>
#include <stdint.h>

/* boxes of a level before suppression, as in inference/detections.c */
enum { CANDIDATES = 1000 };
static const float no_score = -1;

/* Depth to space: (N, R, R, 4 C) to (N, 2 R, 2 R, C). */
static const char *
shuffle(struct onnx *o, const char *x, int64_t R, int64_t C)
{
	x = onnx_reshape(o, x, 6, (const int64_t[]){ -1, R, R, 2, 2, C });
	x = onnx_transpose(o, x, 6, (const int64_t[]){ 0, 1, 3, 2, 4, 5 });
	return onnx_reshape(o, x, 4, (const int64_t[]){ -1, 2 * R, 2 * R, C });
}

static const char *
max_pool(struct onnx *o, const char *x)
{
	const int64_t two[2] = { 2, 2 };
	Onnx__NodeProto *n = onnx_add_node(o, "MaxPool", NULL, onnx_layer_channels_first(o, x), NULL, NULL);

	onnx_add_ints(o, n, "kernel_shape", 2, two);
	onnx_add_ints(o, n, "strides", 2, two);
	onnx_add_attribute(o, n, "ceil_mode", ATTRIBUTE_INT)->i = 1;
	return onnx_layer_channels_last(o, n->output[0]);
}

/* One level of the pyramid, (N, rows, columns, C), of the map (N, R, R, D). */
static const char *
fpn_level_nodes(struct onnx *o, const char *x, int l)
{
	const int64_t D = o->config->embed_dim, R = o->config->image / o->config->patch;
	const char *name = onnx_text(o, "pyramid.%d", l);

	if (l == 3)
		x = max_pool(o, x);
	if (l < 2)
		x = shuffle(o, onnx_layer_linear(o, x, onnx_text(o, "%s.up1", name)), R, D / 2);
	if (l == 0) {
		x = onnx_layer_gelu(o, onnx_layer_norm(o, x, onnx_text(o, "%s.up_norm", name), (double)BLOCK_EPS));
		x = shuffle(o, onnx_layer_linear(o, x, onnx_text(o, "%s.up2", name)), 2 * R, D / 4);
	}
	x = onnx_layer_product(o, x, onnx_text(o, "%s.lateral", name));
	x = onnx_layer_norm(o, x, onnx_text(o, "%s.lateral_norm", name), (double)BLOCK_EPS);
	x = onnx_layer_conv(o, x, onnx_text(o, "%s.conv.weight", name));
	return onnx_layer_norm(o, x, onnx_text(o, "%s.conv_norm", name), (double)BLOCK_EPS);
}

static const char *
patch_map(struct onnx *o, const char *patches)
{
	const int64_t R = o->config->image / o->config->patch;

	return onnx_reshape(o, patches, 4, (const int64_t[]){ 0, R, R, o->config->embed_dim });
}

static const char *
tower(struct onnx *o, const char *x, const char *name, int depth)
{
	int i;

	for (i = 0; i < depth; i++) {
		x = onnx_layer_conv(o, x, onnx_text(o, "head.%s.%d.conv.weight", name, i));
		x = onnx_layer_norm(o, x, onnx_text(o, "head.%s.%d.norm", name, i), (double)BLOCK_EPS);
		x = onnx_node(o, "Relu", x, NULL);
	}
	return x;
}

/* The boxes (N, points, 4) that the points of a level predict, from the box tower, clipped to the image. */
static const char *
predicted_boxes(struct onnx *o, const char *x, int l, int rows, int columns)
{
	const int64_t points = (int64_t)rows * columns, four = FCOS_EDGES, dims[3] = { 1, points, four };
	const float stride = fpn_stride(l, (int)o->config->patch);
	const float steps[FCOS_EDGES] = { -stride, -stride, stride, stride };
	float *center = arena_array(&o->arena, mem_product((size_t)points, (size_t)four), sizeof *center);
	const char *zero, *bias;
	int i;

	for (i = 0; i < points; i++) {
		center[four * i] = center[four * i + 2] = ((float)(i % columns) + 0.5f) * stride;
		center[four * i + 1] = center[four * i + 3] = ((float)(i / columns) + 0.5f) * stride;
	}
	x = onnx_layer_product(o, x, "head.box");
	bias = onnx_constant(o, onnx_text(o, "head.box.bias.%d", l), TYPE_FLOAT, 1, &four,
		onnx_layer_values(o, "head.box.bias") + FCOS_EDGES * l);
	x = onnx_node(o, "Add", x, bias);
	x = onnx_node(o, "Exp", onnx_node(o, "Min", x, onnx_number(o, GIOU_MOST)), NULL);
	x = onnx_reshape(o, x, 3, (const int64_t[]){ 0, points, four });
	x = onnx_node(o, "Mul", x, onnx_constant(o, NULL, TYPE_FLOAT, 1, &four, arena_copy(&o->arena, steps,
		sizeof steps)));
	x = onnx_node(o, "Add", x, onnx_constant(o, NULL, TYPE_FLOAT, 3, dims, center));
	zero = onnx_number(o, 0);
	return onnx_add_node(o, "Clip", NULL, x, zero, onnx_number(o, (float)o->config->image))->output[0];
}

/* x where the condition holds, else -1: no detection */
static const char *
score_where(struct onnx *o, const char *condition, const char *x)
{
	return onnx_add_node(o, "Where", NULL, condition, x, onnx_number(o, no_score))->output[0];
}

/* The k highest values of dimension 1, and their indices. */
static Onnx__NodeProto *
top_k(struct onnx *o, const char *x, int64_t k)
{
	Onnx__NodeProto *n = onnx_add_node(o, "TopK", NULL, x, onnx_ints(o, 1, &k), NULL);

	onnx_add_output(o, n);
	return n;
}

/* The scores (N, points, classes) of a level: -1 below the threshold, where nothing is left of the box in the image,
   and beyond the best CANDIDATES of the level. */
static const char *
scores(struct onnx *o, const char *class, const char *center, const char *boxes, int64_t points,
	float threshold)
{
	const int64_t C = o->config->classes, all = points * C;
	const char *x, *corner, *extent;
	Onnx__NodeProto *top;

	class = onnx_node(o, "Sigmoid", onnx_layer_linear(o, class, "head.class"), NULL);
	/* the stored name keeps its spelling (model/fcos.c) */
	center = onnx_node(o, "Sigmoid", onnx_layer_linear(o, center, "head.centre"), NULL);
	x = onnx_node(o, "Sqrt", onnx_node(o, "Mul", class, center), NULL);
	x = onnx_reshape(o, x, 3, (const int64_t[]){ 0, points, C });
	x = score_where(o, onnx_node(o, "GreaterOrEqual", x, onnx_number(o, threshold)), x);
	corner = onnx_slice(o, boxes, 2, 0, 2);
	extent = onnx_node(o, "Sub", onnx_slice(o, boxes, 2, 2, 4), corner);
	extent = onnx_node_ints(o, "ReduceMin", extent, NULL, NULL, "axes", 1, (const int64_t[]){ 2 });
	x = score_where(o, onnx_node(o, "Greater", extent, onnx_number(o, 0)), x);
	if (all <= CANDIDATES)
		return x;
	top = top_k(o, onnx_reshape(o, x, 2, (const int64_t[]){ 0, all }), CANDIDATES);
	class = onnx_reshape(o, onnx_slice(o, top->output[0], 1, CANDIDATES - 1, CANDIDATES), 3,
		(const int64_t[]){ 0, 1, 1 });
	return score_where(o, onnx_node(o, "GreaterOrEqual", x, class), x);
}

/* Non-maximum suppression of boxes (N, P, 4) with scores (N, P, C), and the outputs. */
static void
suppress(struct onnx *o, const char *boxes, const char *x, int64_t P, const struct onnx_detections *how)
{
	const int64_t all = P * o->config->classes, most = how->max_detections < all ? how->max_detections : all;
	const char *const first = onnx_ints(o, 1, (const int64_t[]){ 1 }), *const last = onnx_ints(o, 1,
		(const int64_t[]){ 2 }), *const count = onnx_ints(o, 1, &P);
	const char *kept, *empty, *index, *class, *point, *valid, *number;
	Onnx__NodeProto *n;

	x = onnx_transpose(o, x, 3, (const int64_t[]){ 0, 2, 1 });
	n = onnx_add_node(o, "NonMaxSuppression", NULL, boxes, x, onnx_ints(o, 1, &most));
	onnx_add_input(o, n, onnx_number(o, (float)how->iou_threshold));
	onnx_add_input(o, n, onnx_number(o, no_score / 2));
	kept = n->output[0];	/* (K, 3): image, class, box */
	empty = onnx_number(o, no_score);
	empty = onnx_node(o, "Expand", empty, onnx_node(o, "Shape", x, NULL));
	x = onnx_add_node(o, "ScatterND", NULL, empty, kept, onnx_node(o, "GatherND", x, kept))->output[0];
	n = top_k(o, onnx_reshape(o, x, 2, (const int64_t[]){ 0, all }), most);
	x = n->output[0];
	index = n->output[1];
	class = onnx_node(o, "Div", index, count);
	point = onnx_node(o, "Sub", index, onnx_node(o, "Mul", class, count));
	boxes = onnx_node_int(o, "GatherND", boxes, onnx_node(o, "Unsqueeze", point, last), "batch_dims", 1);
	/* rows that are left over: boxes and scores of 0, class -1 */
	valid = onnx_node(o, "Greater", x, onnx_number(o, no_score / 2));
	number = onnx_node_int(o, "Cast", valid, NULL, "to", TYPE_FLOAT);
	onnx_output(o, onnx_node(o, "Mul", boxes, onnx_node(o, "Unsqueeze", number, last)), "boxes", TYPE_FLOAT, 3,
		(const int64_t[]){ 0, most, FCOS_EDGES });
	onnx_output(o, onnx_node(o, "Mul", x, number), "scores", TYPE_FLOAT, 2, (const int64_t[]){ 0, most });
	n = onnx_add_node(o, "Where", NULL, valid, class, onnx_ints(o, 1, (const int64_t[]){ -1 }));
	onnx_output(o, n->output[0], "classes", TYPE_INT64, 2, (const int64_t[]){ 0, most });
	number = onnx_node_int(o, "Cast", valid, NULL, "to", TYPE_INT64);
	onnx_output(o, onnx_node_int(o, "ReduceSum", number, first, "keepdims", 0), "count", TYPE_INT64, 1,
		(const int64_t[]){ 0 });
}

/* The same of all levels as one. */
static const char *
concat_levels(struct onnx *o, const char *const x[FPN_LEVELS])
{
	Onnx__NodeProto *n = onnx_add_node(o, "Concat", NULL, NULL, NULL, NULL);
	int l;

	for (l = 0; l < FPN_LEVELS; l++)
		onnx_add_input(o, n, x[l]);
	onnx_add_attribute(o, n, "axis", ATTRIBUTE_INT)->i = 1;
	return n->output[0];
}

void
onnx_dense_detect(struct onnx *o, const char *patches, const struct fcos *head, const struct onnx_detections *how)
{
	const int R = (int)(o->config->image / o->config->patch);
	const char *map = patch_map(o, patches), *boxes[FPN_LEVELS], *best[FPN_LEVELS], *all_boxes;
	int64_t P = 0;
	int l;

	for (l = 0; l < FPN_LEVELS; l++) {
		const char *x = fpn_level_nodes(o, map, l), *box = tower(o, x, "box_tower", head->depth);
		int rows, columns;

		fpn_grid(l, R, R, &rows, &columns);
		boxes[l] = predicted_boxes(o, box, l, rows, columns);
		best[l] = scores(o, tower(o, x, "class_tower", head->depth), box, boxes[l], (int64_t)rows * columns,
			(float)how->score_threshold);
		P += (int64_t)rows * columns;
	}
	all_boxes = concat_levels(o, boxes);
	suppress(o, all_boxes, concat_levels(o, best), P, how);
}

void
onnx_dense_segment(struct onnx *o, const char *patches)
{
	const int64_t S = o->config->image, R = S / o->config->patch, classes = o->config->classes;
	const int64_t C = fpn_width(o->config);
	const char *map = patch_map(o, patches), *x = onnx_layer_channels_first(o, fpn_level_nodes(o, map, 0)), *y;
	Onnx__NodeProto *n;
	int l;

	for (l = 1; l < FPN_LEVELS; l++) {
		y = onnx_layer_channels_first(o, fpn_level_nodes(o, map, l));
		x = onnx_node(o, "Add", x, onnx_layer_resize(o, y, C, 4 * R, 4 * R));
	}
	x = onnx_layer_conv(o, onnx_layer_channels_last(o, x), "fuse.conv.weight");
	x = onnx_layer_gelu(o, onnx_layer_norm(o, x, "fuse.norm", (double)BLOCK_EPS));
	x = onnx_layer_channels_first(o, onnx_layer_linear(o, x, "label_head"));
	x = onnx_layer_resize(o, x, classes, S, S);
	onnx_output(o, x, "logits", TYPE_FLOAT, 4, (const int64_t[]){ 0, classes, S, S });
	n = onnx_add_node(o, "ArgMax", NULL, x, NULL, NULL);
	onnx_add_attribute(o, n, "axis", ATTRIBUTE_INT)->i = 1;
	onnx_add_attribute(o, n, "keepdims", ATTRIBUTE_INT)->i = 0;
	onnx_output(o, n->output[0], "classes", TYPE_INT64, 3, (const int64_t[]){ 0, S, S });
}
