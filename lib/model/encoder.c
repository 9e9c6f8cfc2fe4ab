/* encoder - the vision transformer (ViT) of both passes and of all downstream tasks (formats/method.md, The pieces) */
#include "model/encoder.h"
#include "base/mem.h"
#include "base/rng.h"
#include "model/config.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
encoder_open(struct encoder *e, const struct config *c, struct params *p)
{
	const struct config_variant *v = &c->variant;
	const int D = (int)c->embed_dim, patch = (int)c->patch, first = p->count, grid = (int)v->position_grid;
	const struct block_sizes sizes = { D, (int)c->heads, (int)v->mlp_dim, (float)v->norm_eps };
	int i;

	*e = (struct encoder){
		.D = D, .depth = (int)c->depth, .p = patch, .pixels = config_pixels(c),
		.recompute = c->recompute,
		.window = (int)c->window_size, .frozen = c->freeze_encoder, .drop_path = (float)c->drop_path,
		.eps = (float)v->norm_eps, .cls_token = -1, .pos_embed = -1, .grid = grid, .pool_norm = v->pool_norm,
		.register_count = (int)v->registers
	};
	if (!v->no_class_token)
		e->cls_token = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "cls_token");
	for (i = 0; i < e->register_count; i++)
		e->registers[i] = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "reg_token.%d", i);
	if (grid > 0)
		e->pos_embed = params_add(p, INIT_TOKEN, 3, 1, grid * grid, D, 0, "pos_embed");
	e->embed.w = params_add(p, INIT_XAVIER, 4, D, (int)c->channels, patch, patch, "patch_embed.proj.weight");
	p->list[e->embed.w].linear = true;
	e->embed.b = params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "patch_embed.proj.bias");
	e->blocks = mem_array((size_t)e->depth, sizeof *e->blocks);
	for (i = 0; i < e->depth; i++)
		block_open(&e->blocks[i], p, &sizes, "blocks", i);
	e->norm = layer_norm(p, D, e->pool_norm ? "pool_norm" : "norm");
	for (i = first; i < p->count; i++)
		p->list[i].frozen = i == e->pos_embed || (c->freeze_encoder && !(e->pool_norm && i >= e->norm.w));
}

void
encoder_close(struct encoder *e)
{
	free(e->blocks);
	*e = (struct encoder){ 0 };
}

struct var *
encoder_embed(const struct encoder *e, struct tape *t, const uint8_t *images, int n, int H, int W, const int *list,
	int length)
{
	const struct patch grid = { H, W, e->p, &e->pixels };
	const int L = list ? length : patch_count(&grid), width = e->pixels.channels * e->p * e->p;
	const size_t image = (size_t)(H * W) * (size_t)patch_pixel_bytes(&e->pixels);
	struct var *patches = tape_var(t, 3, n, L, width, 0, false);
	int i;

	for (i = 0; i < n; i++)
		patch_read(&grid, images + (size_t)i * image, list ? list + i * L : NULL, L,
			patches->x + (size_t)i * (size_t)(L * width));
	return layer_forward(t, patches, e->embed, ACT_NONE);
}

void
encoder_forward(const struct encoder *e, struct tape *t, int count, struct var **x, const float *const *key_bias)
{
	for (int b = 0; b < e->depth; b++)
		for (int i = 0; i < count; i++)
			x[i] = block_forward(t, x[i], &e->blocks[b], key_bias[i], e->recompute);
	for (int i = 0; i < count; i++)
		x[i] = layer_norm_forward(t, x[i], e->norm, e->eps);
}

/* attention weights of the class token for the P patches, which come last */
static void
read_attention(const struct encoder *e, struct tape *t, struct var *x, const struct block *b, int P,
	float *attention)
{
	const int rows = x->shape[0] * b->H, L = x->shape[1];
	float *all = tape_array(t, mem_product((size_t)rows, (size_t)L), sizeof *all);
	int i;

	assert(b >= e->blocks && b < e->blocks + e->depth);
	block_attention(t, x, b, all);
	for (i = 0; i < rows; i++)
		memcpy(attention + (size_t)i * (size_t)P, all + (size_t)(i + 1) * (size_t)L - P,
		    (size_t)P * sizeof *all);
}

/* the learned position table for the grid of these images; NULL: the fixed one */
static const float *
learned_positions(const struct encoder *e, struct tape *t, const struct pos_embed *grid)
{
	float *table;

	if (e->pos_embed < 0)
		return NULL;
	table = tape_array(t, mem_product(mem_product((size_t)grid->rows, (size_t)grid->columns), (size_t)e->D),
	    sizeof *table);
	pos_embed_resample(tape_param(t, e->pos_embed)->x, e->grid, grid->rows, grid->columns, e->D, table);
	return table;
}

/* the tokens in front of the patches: class token and registers; returns their number */
static int
put_tokens(const struct encoder *e, struct tape *t, struct token_source *source, struct token_segment *segments)
{
	int i, n = 0;

	if (e->cls_token >= 0)
		source->tokens[n++] = tape_param(t, e->cls_token);
	for (i = 0; i < e->register_count; i++)
		source->tokens[n++] = tape_param(t, e->registers[i]);
	for (i = 0; i < n; i++)
		segments[i] = (struct token_segment){ .token = i + 1, .length = 1 };
	return n;
}

/* [class token, registers, patches + position embedding] */
static struct var *
build_input(const struct encoder *e, struct tape *t, const struct pos_embed *position, const uint8_t *images, int n,
	int H, int W)
{
	const int P = position->rows * position->columns;
	struct var *patches = encoder_embed(e, t, images, n, H, W, NULL, 0);
	const float *learned = learned_positions(e, t, position);
	struct token_source source = { .x = patches, .pos_embed = learned ? learned : position->table };
	struct token_segment segments[TOKEN_SOURCE_MAX + 1];
	const int tokens = put_tokens(e, t, &source, segments);
	int *positions = tape_array(t, mem_product((size_t)n, (size_t)P), sizeof *positions);
	int i;

	segments[tokens] = (struct token_segment){ .length = P, .positions = positions };

	assert(position->rows == H / e->p && position->columns == W / e->p && position->D == e->D);
	for (i = 0; i < n * P; i++)
		positions[i] = i % P;
	return token_sequence_build(t, n, e->D, &source, segments, tokens + 1);
}

/* the final norm, and [class token or zeros, patches] of the tokens */
static struct var *
finish(const struct encoder *e, struct tape *t, struct var *x, int P, bool norm)
{
	struct token_source source = { .x = x };
	const struct token_segment segments[] = {
		{ .token = e->cls_token < 0, .length = 1 }, { .from = x->shape[1] - P, .length = P }
	};

	if (norm && !e->pool_norm)
		x = source.x = layer_norm_forward(t, x, e->norm, e->eps);
	if (e->cls_token >= 0 && e->register_count == 0)
		return x;
	if (e->cls_token < 0) {
		source.tokens[0] = tape_var(t, 3, 1, 1, e->D, 0, false);
		memset(source.tokens[0]->x, 0, (size_t)e->D * sizeof(float));
	}
	return token_sequence_build(t, x->shape[0], e->D, &source, segments, 2);
}

struct var *
encoder_mean(const struct encoder *e, struct tape *t, struct var *x, int block)
{
	struct var *mean = op_mean_tokens(t, x, 1, x->shape[1] - 1);

	return e->pool_norm && block == e->depth ? layer_norm_forward(t, mean, e->norm, e->eps) : mean;
}

/* ViTDet: global attention in at most four blocks, evenly spaced, the last block included (Li et al. 2022, section 3)
   */
static bool
is_global(const struct encoder *e, int i)
{
	enum { GLOBAL_BLOCKS = 4 };
	const int each = (e->depth + GLOBAL_BLOCKS - 1) / GLOBAL_BLOCKS;

	return (e->depth - 1 - i) % each == 0;
}

int
encoder_window(const struct encoder *e, int i, int R, int C)
{
	const int least = R < C ? R : C, w = e->window < least ? e->window : least;

	return (w == R && w == C) || is_global(e, i) ? 0 : w;
}

/* drop path for windows: all windows of an image draw the same numbers */
static const struct block_drop *
drop_windows(struct tape *t, const struct block_drop *drop, int n, int count)
{
	struct rng *streams = tape_array(t, mem_product((size_t)n, (size_t)count), 2 * sizeof *streams);
	struct block_drop *out = tape_keep(t, sizeof *out);
	int i;

	for (i = 0; i < n * count; i++) {
		streams[i] = drop->attention[i / count];
		streams[n * count + i] = drop->mlp[i / count];
	}
	*out = (struct block_drop){ drop->p, streams, streams + n * count };
	return out;
}

/* block i, with global attention or in windows of the grid */
static struct var *
run_block(const struct encoder *e, struct tape *t, struct var *x, int i, const struct pos_embed *grid,
	const struct block_drop *drop, bool recompute)
{
	const int R = grid->rows, C = grid->columns, w = encoder_window(e, i, R, C);

	if (w == 0)
		return block_train(t, x, &e->blocks[i], NULL, drop, recompute);
	if (drop)
		drop = drop_windows(t, drop, x->shape[0], op_window_count(R, C, w));
	x = block_train(t, op_window(t, x, R, C, w), &e->blocks[i], NULL, drop, recompute);
	return op_unwindow(t, x, R, C, w);
}

struct var *
encoder_features(const struct encoder *e, struct tape *t, const struct pos_embed *position, const uint8_t *images,
	int n, int H, int W, int block, float *attention)
{
	struct var *x = build_input(e, t, position, images, n, H, W);
	int i;

	assert(block >= 0 && block <= e->depth && (!attention || block > 0));
	for (i = 0; i < block; i++) {
		if (attention && i == block - 1)
			read_attention(e, t, x, &e->blocks[i], position->rows * position->columns, attention);
		x = run_block(e, t, x, i, position, NULL, false);
	}
	return finish(e, t, x, position->rows * position->columns, block == e->depth);
}

const struct block_drop *
encoder_drop_path(const struct encoder *e, struct tape *t, int i, int n, const struct noise *noise)
{
	struct block_drop *drop;

	if (!noise || e->drop_path <= 0 || i == 0 || !t->on)
		return NULL;
	drop = tape_keep(t, sizeof *drop);
	drop->p = e->drop_path * (float)i / (float)(e->depth - 1);
	drop->attention = noise_streams(noise, t, n, "block %d attention path", i);
	drop->mlp = noise_streams(noise, t, n, "block %d mlp path", i);
	return drop;
}

struct var *
encoder_train(const struct encoder *e, struct tape *t, const struct pos_embed *position, const uint8_t *images,
	int n, int H, int W, const struct noise *noise)
{
	const bool on = t->on;
	struct var *x;
	int i;

	/* results computed with the tape off are constants, and their memory is reused */
	t->on = on && !e->frozen;
	x = build_input(e, t, position, images, n, H, W);
	for (i = 0; i < e->depth; i++)
		x = run_block(e, t, x, i, position, encoder_drop_path(e, t, i, n, noise), e->recompute);
	x = finish(e, t, x, position->rows * position->columns, true);
	t->on = on;
	return x;
}

int
encoder_layer(const char *name, int depth)
{
	int block = -1, end = 0;

	if (strcmp(name, "cls_token") == 0 || strcmp(name, "pos_embed") == 0 || strncmp(name, "reg_token.",
	    10) == 0 || strncmp(name, "patch_embed.", strlen("patch_embed.")) == 0)
		return 0;
	if (strncmp(name, "norm.", strlen("norm.")) == 0 || strncmp(name, "pool_norm.", strlen("pool_norm.")) == 0)
		return depth + 1;
	if (sscanf(name, "blocks.%d.%n", &block, &end) == 1 && end > 0 && block >= 0 && block < depth)
		return block + 1;
	return -1;
}
