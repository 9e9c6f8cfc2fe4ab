/* mae - the baseline: masked autoencoder (He et al. 2022, models_mae.py) */
#include "model/mae.h"
#include "base/mem.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"

#include <stdlib.h>

void
mae_open(struct mae *m, const struct config *c, struct params *p)
{
	const int grid = (int)(c->image / c->patch), D = (int)c->decoder_embed_dim;
	const int width = (int)(c->channels * c->patch * c->patch);
	const struct block_sizes sizes = { D, (int)c->decoder_heads, 0, (float)c->variant.norm_eps };
	int i;

	*m = (struct mae){ .config = *c };
	encoder_open(&m->encoder, c, p);
	pos_embed_open(&m->position, grid, grid, (int)c->embed_dim);
	pos_embed_open(&m->decoder_position, grid, grid, D);
	m->embed = layer_linear(p, D, (int)c->embed_dim, "decoder_embed");
	m->mask_token = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "mask_token");
	m->blocks = mem_array((size_t)c->decoder_depth, sizeof *m->blocks);
	for (i = 0; i < c->decoder_depth; i++)
		block_open(&m->blocks[i], p, &sizes, "decoder_blocks", i);
	m->norm = layer_norm(p, D, "decoder_norm");
	m->pred = layer_linear(p, width, D, "decoder_pred");
}

void
mae_close(struct mae *m)
{
	encoder_close(&m->encoder);
	pos_embed_close(&m->position);
	pos_embed_close(&m->decoder_position);
	free(m->blocks);
	*m = (struct mae){ 0 };
}

struct var *
mae_encoder(const struct mae *m, struct tape *t, struct var *patches, const struct mask_index *s)
{
	const struct token_source source = { patches, { tape_param(t, m->encoder.cls_token) }, m->position.table };
	const struct token_segment segments[] = {
		{ .token = 1, .length = 1 },
		{ .positions = s->visible, .length = s->V }
	};
	struct var *x = token_sequence_build(t, s->n, m->encoder.D, &source, segments, 2);

	encoder_forward(&m->encoder, t, 1, &x, (const float *const []){ NULL });
	return x;
}

/* the input of the decoder: all patches in the order of the grid, mask tokens for the masked ones */
static struct var *
unshuffle(const struct mae *m, struct tape *t, struct var *x, const struct mask_index *s)
{
	int *rows = tape_array(t, mem_product((size_t)s->n, (size_t)s->P), sizeof *rows);
	int *positions = tape_array(t, mem_product((size_t)s->n, (size_t)s->P), sizeof *positions);
	const struct token_source source = { x, { tape_param(t, m->mask_token) }, m->decoder_position.table };
	const struct token_segment segments[] = {
		{ .length = 1 },
		{ .rows = rows, .positions = positions, .length = s->P }
	};
	int i, k;

	for (i = 0; i < s->n * s->P; i++) {
		positions[i] = i % s->P;
		rows[i] = -1;
	}
	for (i = 0; i < s->n; i++)
		for (k = 0; k < s->V; k++)
			rows[i * s->P + s->visible[i * s->V + k]] = 1 + k;
	return token_sequence_build(t, s->n, (int)m->config.decoder_embed_dim, &source, segments, 2);
}

/* the rows of the masked patches; row 0 is the class token */
static struct var *
select_masked(struct tape *t, struct var *x, const struct mask_index *s)
{
	int *rows = tape_array(t, mem_product((size_t)s->n, (size_t)s->M), sizeof *rows), i;

	for (i = 0; i < s->n * s->M; i++)
		rows[i] = 1 + s->masked[i];
	return token_sequence_select(t, x, rows, s->M);
}

struct var *
mae_decoder(const struct mae *m, struct tape *t, struct var *latent, const struct mask_index *s, bool all)
{
	struct var *x = unshuffle(m, t, layer_forward(t, latent, m->embed, ACT_NONE), s);
	int i;

	for (i = 0; i < m->config.decoder_depth; i++)
		x = block_forward(t, x, &m->blocks[i], NULL, m->config.recompute);
	x = all ? token_sequence_slice(t, x, 1, s->P) : select_masked(t, x, s);
	return layer_forward(t, layer_norm_forward(t, x, m->norm, m->encoder.eps), m->pred, ACT_NONE);
}
