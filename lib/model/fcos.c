/* fcos - the anchor-free detection head: class, box and centerness for each position of each pyramid level */
#include "model/fcos.h"
#include "model/block.h"
#include "model/fpn.h"
#include "nn/op.h"

#include <stddef.h>

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
	/* the random init depends on stored names: this one keeps its spelling, so that a seed keeps its losses */
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
