/* encoder - the vision transformer of both passes, and the one that is used afterwards (formats/method.md, The pieces) */
#include "model/encoder.h"
#include "base/mem.h"
#include "model/sequence.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void
encoder_open(struct encoder *e, const struct config *c, struct params *p)
{
	const int D = (int)c->dim, side = (int)c->patch;
	int i;

	*e = (struct encoder){ .D = D, .depth = (int)c->depth, .p = side, .scale = (enum patch_scale)c->normalise, .recompute = c->recompute };
	e->cls_token = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "cls_token");
	e->embed.w = params_add(p, INIT_XAVIER, 4, D, 3, side, side, "patch_embed.proj.weight");
	e->embed.b = params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "patch_embed.proj.bias");
	e->blocks = mem_new((size_t)e->depth * sizeof *e->blocks);
	for (i = 0; i < e->depth; i++)
		block_open(&e->blocks[i], p, D, (int)c->heads, "blocks", i);
	e->norm = pair_norm(p, D, "norm");
}

void
encoder_close(struct encoder *e)
{
	free(e->blocks);
	*e = (struct encoder){ 0 };
}

struct var *
encoder_embed(const struct encoder *e, struct tape *t, const uint8_t *images, int n, int H, int W)
{
	const struct patch grid = { H, W, e->p, e->scale };
	const int P = patch_count(&grid), width = 3 * e->p * e->p;
	struct var *patches = tape_var(t, 3, n, P, width, 0, false);
	int i;

	for (i = 0; i < n; i++)
		patch_read(&grid, images + (size_t)i * (size_t)(3 * H * W), patches->x + (size_t)i * (size_t)(P * width));
	return pair_linear(t, patches, e->embed, ACT_NONE);
}

struct var *
encoder_forward(const struct encoder *e, struct tape *t, struct var *x, const float *key_bias)
{
	int i;

	for (i = 0; i < e->depth; i++)
		x = block_forward(t, x, &e->blocks[i], key_bias, e->recompute);
	return pair_normed(t, x, e->norm, BLOCK_EPS);
}

/* the attention to the patches alone, in place of the attention to all tokens */
static void
read_attention(const struct encoder *e, struct tape *t, struct var *x, const struct block *b, float *attention)
{
	const int rows = x->shape[0] * b->H, L = x->shape[1];
	float *all = tape_keep(t, (size_t)rows * (size_t)L * sizeof *all);
	int i;

	assert(b >= e->blocks && b < e->blocks + e->depth);
	block_attention(t, x, b, all);
	for (i = 0; i < rows; i++)
		memcpy(attention + (size_t)i * (size_t)(L - 1), all + (size_t)i * (size_t)L + 1, (size_t)(L - 1) * sizeof *all);
}

struct var *
encoder_features(const struct encoder *e, struct tape *t, const struct position *position, const uint8_t *images, int n, int H, int W, int block, float *attention)
{
	const int P = position->rows * position->columns;
	const struct source source = { encoder_embed(e, t, images, n, H, W), { tape_param(t, e->cls_token) }, position->table };
	int *places = tape_keep(t, (size_t)(n * P) * sizeof *places);
	const struct segment segments[] = { { .token = 1, .length = 1 }, { .length = P, .places = places } };
	struct var *x;
	int i;

	assert(position->rows == H / e->p && position->columns == W / e->p && position->D == e->D);
	assert(block >= 0 && block <= e->depth && (!attention || block > 0));
	for (i = 0; i < n * P; i++)
		places[i] = i % P;
	x = sequence_build(t, n, e->D, &source, segments, 2);
	for (i = 0; i < block; i++) {
		if (attention && i == block - 1)
			read_attention(e, t, x, &e->blocks[i], attention);
		x = block_forward(t, x, &e->blocks[i], NULL, false);
	}
	return block == e->depth ? pair_normed(t, x, e->norm, BLOCK_EPS) : x;
}
