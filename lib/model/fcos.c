/* fcos - the anchor-free detection head, and the assignment of ground-truth boxes to its points */
#include "model/fcos.h"
#include "annotation/boxes.h"
#include "model/fpn.h"
#include "model/layer.h"
#include "nn/op.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* head - two towers of convolutions */

/* convolutions in a tower: 4 as in the paper, fewer for small models */
static const int depths[] = {
	[SIZE_MICRO] = 2, [SIZE_TINY] = 2,
	[SIZE_SMALL] = FCOS_DEPTH_MAX, [SIZE_BASE] = FCOS_DEPTH_MAX, [SIZE_LARGE] = FCOS_DEPTH_MAX
};

static void
open_tower(struct fcos_layer *tower, int depth, int C, struct params *p, const char *name)
{
	int i;

	for (i = 0; i < depth; i++) {
		tower[i].conv = params_add(p, INIT_XAVIER, 4, C, 3, 3, C, "head.%s.%d.conv.weight", name, i);
		tower[i].norm = layer_norm(p, C, "head.%s.%d.norm", name, i);
	}
}

void
fcos_open(struct fcos *h, const struct config *c, struct params *p)
{
	const int C = fpn_width(c), classes = (int)c->classes;

	*h = (struct fcos){ .depth = depths[c->model] };
	open_tower(h->class_tower, h->depth, C, p, "class_tower");
	open_tower(h->box_tower, h->depth, C, p, "box_tower");
	h->class.w = params_add(p, INIT_NORMAL, 2, classes, C, 0, 0, "head.class.weight");
	h->class.b = params_add(p, INIT_PRIOR, 1, classes, 0, 0, 0, "head.class.bias");
	h->box.w = params_add(p, INIT_NORMAL, 2, FCOS_EDGES, C, 0, 0, "head.box.weight");
	h->box.b = params_add(p, INIT_ZERO, 2, FPN_LEVELS, FCOS_EDGES, 0, 0, "head.box.bias");
	/* the random init is a function of the name: with another spelling the losses of a seed would change */
	h->center.w = params_add(p, INIT_NORMAL, 2, 1, C, 0, 0, "head.centre.weight");
	h->center.b = params_add(p, INIT_ZERO, 1, 1, 0, 0, 0, "head.centre.bias");
}

static struct var *
tower_forward(const struct fcos_layer *tower, int depth, struct tape *t, struct var *x)
{
	int i;

	for (i = 0; i < depth; i++)
		x = op_relu(t, layer_norm_forward(t, op_conv(t, x, tape_param(t, tower[i].conv), NULL), tower[i].norm,
			BLOCK_EPS));
	return x;
}

struct fcos_out
fcos_forward(const struct fcos *h, struct tape *t, int level, struct var *x)
{
	struct var *class = tower_forward(h->class_tower, h->depth, t, x);
	struct var *box = tower_forward(h->box_tower, h->depth, t, x);

	return (struct fcos_out){
		layer_forward(t, class, h->class, ACT_NONE),
		op_linear(t, box, tape_param(t, h->box.w), op_rows(t, tape_param(t, h->box.b), level, 1), ACT_NONE),
		layer_forward(t, box, h->center, ACT_NONE)
	};
}

/* target_assign - boxes to points */

/* FCOS: radius of center sampling and farthest edge, in strides (its ranges 64, 128, ... at strides 8, 16, ...) */
static const float radius = 1.5f, reach = 8;

struct target_assign
target_assign_points(int R, int W, int p)
{
	struct target_assign a = { .count = 0 };
	int l;

	for (l = 0; l < FPN_LEVELS; l++) {
		struct target_assign_level *level = &a.level[l];

		fpn_grid(l, R, W, &level->rows, &level->columns);
		level->first = a.count;
		level->stride = fpn_stride(l, p);
		level->least = l == 0 ? 0 : reach * a.level[l - 1].stride;
		level->most = l == FPN_LEVELS - 1 ? INFINITY : reach * level->stride;
		a.count += level->rows * level->columns;
	}
	return a;
}

void
target_assign_distances(const struct target_assign_level *level, int row, int column, const float box[4],
	float distance[4])
{
	const float x = ((float)column + 0.5f) * level->stride, y = ((float)row + 0.5f) * level->stride;

	distance[0] = x - box[0];
	distance[1] = y - box[1];
	distance[2] = box[2] - x;
	distance[3] = box[3] - y;
}

float
target_assign_centerness(const float d[4])
{
	return sqrtf(fminf(d[0], d[2]) / fmaxf(d[0], d[2]) * (fminf(d[1], d[3]) / fmaxf(d[1], d[3])));
}

/* first .. last-1: those of `count` points along a dimension whose pixel may lie in from .. to */
static void
span(float from, float to, float stride, int count, int *first, int *last)
{
	const float a = floorf(from / stride - 0.5f), b = ceilf(to / stride - 0.5f) + 1;

	*first = a > 0 ? (int)a : 0;
	*last = b < (float)count ? (int)b : count;
}

/* Call take() for the points of a level inside box k; with `center` only for those near its center and with an edge in
   the range. */
static int
visit(const struct target_assign_level *level, const struct boxes *boxes, int k, bool center,
	int (*take)(const struct boxes *boxes, int k, int *point), int *which)
{
	const float *box = boxes->box[k], near = radius * level->stride, x = (box[0] + box[2]) / 2,
	    y = (box[1] + box[3]) / 2;
	int top, bottom, left, right, r, c, count = 0;

	span(center ? fmaxf(box[0], x - near) : box[0], center ? fminf(box[2], x + near) : box[2], level->stride,
	    level->columns, &left, &right);
	span(center ? fmaxf(box[1], y - near) : box[1], center ? fminf(box[3], y + near) : box[3], level->stride,
	    level->rows, &top, &bottom);
	for (r = top; r < bottom; r++)
		for (c = left; c < right; c++) {
			float d[4], far;

			target_assign_distances(level, r, c, box, d);
			if (!(d[0] > 0 && d[1] > 0 && d[2] > 0 && d[3] > 0))
				continue;
			far = fmaxf(fmaxf(d[0], d[2]), fmaxf(d[1], d[3]));
			if (center && (fabsf(d[0] - d[2]) / 2 >= near || fabsf(d[1] - d[3]) / 2 >= near ||
			    far <= level->least || far > level->most))
				continue;
			count += take(boxes, k, &which[level->first + r * level->columns + c]);
		}
	return count;
}

/* Assign box k to the point unless it has a smaller box. Returns 1 if it had none. */
static int
assign(const struct boxes *boxes, int k, int *point)
{
	const int before = *point;

	if (before < 0 || boxes_area(boxes->box[k]) < boxes_area(boxes->box[before]))
		*point = k;
	return before < 0;
}

static int
ignore(const struct boxes *boxes, int k, int *point)
{
	(void)boxes;
	(void)k;
	if (*point < 0)
		*point = TARGET_ASSIGN_IGNORE;
	return 0;
}

int
target_assign_boxes(const struct target_assign *a, const struct boxes *boxes, int *which)
{
	int i, k, l, count = 0;

	for (i = 0; i < a->count; i++)
		which[i] = TARGET_ASSIGN_NONE;
	for (k = 0; k < boxes->count; k++)
		for (l = 0; l < FPN_LEVELS && !(boxes->flags[k] & (BOX_DIFFICULT | BOX_CROWD)); l++)
			count += visit(&a->level[l], boxes, k, true, assign, which);
	for (k = 0; k < boxes->count; k++)
		for (l = 0; l < FPN_LEVELS && boxes->flags[k] & (BOX_DIFFICULT | BOX_CROWD); l++)
			visit(&a->level[l], boxes, k, !(boxes->flags[k] & BOX_CROWD), ignore, which);
	return count;
}
