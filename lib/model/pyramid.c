/* pyramid - maps of four sizes from the last map of a plain encoder */
#include "model/pyramid.h"
#include "model/block.h"
#include "model/sequence.h"

#include <assert.h>

/* of each size: 256 is ViTDet's (Li et al. 2022), the smaller ones keep about its share of the encoder's width */
static const int widths[] = { [SIZE_MICRO] = 64, [SIZE_TINY] = 128, [SIZE_SMALL] = 256, [SIZE_BASE] = 256, [SIZE_LARGE] = 256 };

int
pyramid_width(const struct config *c)
{
	return c->head_dim ? (int)c->head_dim : widths[c->model];
}

void
pyramid_open(struct pyramid *m, const struct config *c, struct params *p)
{
	const int D = (int)c->dim, C = pyramid_width(c);
	int l;

	*m = (struct pyramid){ .D = D, .C = C };
	for (l = 0; l < PYRAMID_LEVELS; l++) {
		struct pyramid_level *level = &m->levels[l];
		int width = D;

		if (l < 2) {
			width = D / 2;
			level->up[0] = pair_matrix(p, 4 * width, D, "pyramid.%d.up1", l);
		}
		if (l == 0) {
			level->up_norm = pair_norm(p, width, "pyramid.%d.up_norm", l);
			level->up[1] = pair_matrix(p, 4 * (width / 2), width, "pyramid.%d.up2", l);
			width /= 2;
		}
		level->lateral = params_add(p, INIT_XAVIER, 2, C, width, 0, 0, "pyramid.%d.lateral.weight", l);
		level->lateral_norm = pair_norm(p, C, "pyramid.%d.lateral_norm", l);
		level->conv = params_add(p, INIT_XAVIER, 4, C, 3, 3, C, "pyramid.%d.conv.weight", l);
		level->conv_norm = pair_norm(p, C, "pyramid.%d.conv_norm", l);
	}
}

/* the map x (n, R, W, D) at the level's size */
static struct var *
resized(const struct pyramid_level *level, int l, struct tape *t, struct var *x)
{
	if (l == 3)
		return op_pool(t, x);
	if (l < 2)
		x = op_shuffle(t, pair_linear(t, x, level->up[0], ACT_NONE));
	if (l == 0) {
		x = op_gelu(t, pair_normed(t, x, level->up_norm, BLOCK_EPS));
		x = op_shuffle(t, pair_linear(t, x, level->up[1], ACT_NONE));
	}
	return x;
}

struct var *
pyramid_map(struct tape *t, struct var *x, int R, int W)
{
	assert(x->rank == 3 && x->shape[1] == 1 + R * W);
	return op_reshape(t, sequence_slice(t, x, 1, R * W), 4, x->shape[0], R, W, x->shape[2]);
}

struct var *
pyramid_level(const struct pyramid *m, struct tape *t, struct var *map, int level)
{
	const struct pyramid_level *own = &m->levels[level];
	struct var *y = resized(own, level, t, map);

	/* a parameter is asked for after what it is applied to: C leaves the order of arguments open */
	y = op_linear(t, y, tape_param(t, own->lateral), NULL, ACT_NONE);
	y = pair_normed(t, y, own->lateral_norm, BLOCK_EPS);
	y = op_conv(t, y, tape_param(t, own->conv), NULL);
	return pair_normed(t, y, own->conv_norm, BLOCK_EPS);
}

void
pyramid_forward(const struct pyramid *m, struct tape *t, struct var *x, int R, int W, struct var *levels[PYRAMID_LEVELS])
{
	struct var *map = pyramid_map(t, x, R, W);
	int l;

	for (l = 0; l < PYRAMID_LEVELS; l++)
		levels[l] = pyramid_level(m, t, map, l);
}

void
pyramid_grid(int level, int R, int W, int *rows, int *columns)
{
	*rows = level < 2 ? R << (2 - level) : level == 2 ? R : (R + 1) / 2;
	*columns = level < 2 ? W << (2 - level) : level == 2 ? W : (W + 1) / 2;
}

float
pyramid_stride(int level, int p)
{
	return (float)(p << level) / 4;
}
