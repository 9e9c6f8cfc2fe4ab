/* fpn - the simple feature pyramid: maps of four resolutions from the last map of a plain ViT */
#include "model/fpn.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"

#include <assert.h>
#include <stddef.h>

/* channels by model size: 256 as in ViTDet (Li et al. 2022), about the same fraction of the encoder's width for
   smaller models */
static const int widths[] = {
	[SIZE_MICRO] = 64, [SIZE_TINY] = 128, [SIZE_SMALL] = 256, [SIZE_BASE] = 256, [SIZE_LARGE] = 256
};

int
fpn_width(const struct config *c)
{
	return c->fpn_dim ? (int)c->fpn_dim : widths[c->model];
}

void
fpn_open(struct fpn *m, const struct config *c, struct params *p)
{
	const int D = (int)c->embed_dim, C = fpn_width(c);
	int l;

	*m = (struct fpn){ .D = D, .C = C };
	for (l = 0; l < FPN_LEVELS; l++) {
		struct fpn_level *level = &m->levels[l];
		int width = D;

		if (l < 2) {
			width = D / 2;
			level->up[0] = layer_linear(p, 4 * width, D, "pyramid.%d.up1", l);
		}
		if (l == 0) {
			level->up_norm = layer_norm(p, width, "pyramid.%d.up_norm", l);
			level->up[1] = layer_linear(p, 4 * (width / 2), width, "pyramid.%d.up2", l);
			width /= 2;
		}
		level->lateral = params_add(p, INIT_XAVIER, 2, C, width, 0, 0, "pyramid.%d.lateral.weight", l);
		level->lateral_norm = layer_norm(p, C, "pyramid.%d.lateral_norm", l);
		level->conv = params_add(p, INIT_XAVIER, 4, C, 3, 3, C, "pyramid.%d.conv.weight", l);
		level->conv_norm = layer_norm(p, C, "pyramid.%d.conv_norm", l);
	}
}

/* the map x (n, R, W, D) at the resolution of the level */
static struct var *
resize(const struct fpn_level *level, int l, struct tape *t, struct var *x)
{
	if (l == 3)
		return op_pool(t, x);
	if (l < 2)
		x = op_shuffle(t, layer_forward(t, x, level->up[0], ACT_NONE));
	if (l == 0) {
		x = op_gelu(t, layer_norm_forward(t, x, level->up_norm, BLOCK_EPS));
		x = op_shuffle(t, layer_forward(t, x, level->up[1], ACT_NONE));
	}
	return x;
}

struct var *
fpn_map(struct tape *t, struct var *x, int R, int W)
{
	assert(x->rank == 3 && x->shape[1] == 1 + R * W);
	return op_reshape(t, token_sequence_slice(t, x, 1, R * W), 4, x->shape[0], R, W, x->shape[2]);
}

struct var *
fpn_level(const struct fpn *m, struct tape *t, struct var *map, int level)
{
	const struct fpn_level *own = &m->levels[level];
	struct var *y = resize(own, level, t, map);

	y = op_linear(t, y, tape_param(t, own->lateral), NULL, ACT_NONE);
	y = layer_norm_forward(t, y, own->lateral_norm, BLOCK_EPS);
	y = op_conv(t, y, tape_param(t, own->conv), NULL);
	return layer_norm_forward(t, y, own->conv_norm, BLOCK_EPS);
}

void
fpn_forward(const struct fpn *m, struct tape *t, struct var *x, int R, int W, struct var *levels[FPN_LEVELS])
{
	struct var *map = fpn_map(t, x, R, W);
	int l;

	for (l = 0; l < FPN_LEVELS; l++)
		levels[l] = fpn_level(m, t, map, l);
}

void
fpn_grid(int level, int R, int W, int *rows, int *columns)
{
	*rows = level < 2 ? R << (2 - level) : level == 2 ? R : (R + 1) / 2;
	*columns = level < 2 ? W << (2 - level) : level == 2 ? W : (W + 1) / 2;
}

float
fpn_stride(int level, int p)
{
	return (float)(p << level) / 4;
}
