/* tscae - teacher and student with complementary masks, one encoder (formats/method.md, One image) */
#include "model/tscae.h"
#include "base/mem.h"
#include "base/rng.h"
#include "model/decoder_block.h"
#include "model/token_sequence.h"
#include "nn/op.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double NOISE_STD = 0.02;		/* paper's query content: formats/method.md, Presets and switches */
static const float PREDICTOR_EPS = 1e-5f;	/* batch norm: formats/method.md, loss_contrast */

static void
open_decoder(struct tscae *m, struct params *p)
{
	const int D = m->encoder.D;
	int i;

	m->query = m->config.query_noise ? -1 : params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "decoder.query");
	m->global_position = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "decoder.global_position");
	p->list[m->global_position].frozen = m->config.global_random;
	m->blocks = mem_array((size_t)m->config.decoder_depth, sizeof *m->blocks);
	for (i = 0; i < m->config.decoder_depth; i++)
		decoder_block_open(&m->blocks[i], p, D, (int)m->config.heads, i);
	m->decoder_norm = layer_norm(p, D, "decoder.norm");
}

static void
open_heads(struct tscae *m, struct params *p)
{
	const int D = m->encoder.D, width = 3 * m->encoder.p * m->encoder.p;
	int i;

	for (i = 0; i < 3; i++)
		m->pixels[i] = layer_linear(p, width, i ? width : D, "pixels.%d", i);
	m->predictor = -1;
	if (m->config.contrast == CONTRAST_SIMSIAM) {
		m->predictor = params_add(p, INIT_XAVIER, 2, D / 4, D, 0, 0, "predictor.0.weight");
		m->predictor_norm = layer_norm(p, D / 4, "predictor.1");
		m->predictor_out = layer_linear(p, D, D / 4, "predictor.2");
	}
	if (m->config.w_student_pixel > 0)
		m->student_pixels = layer_linear(p, width, D, "student_pixels");
}

void
tscae_open(struct tscae *m, const struct config *c, struct params *p)
{
	const int grid = (int)(c->image / c->patch), D = (int)c->embed_dim;

	*m = (struct tscae){ .config = *c };
	encoder_open(&m->encoder, c, p);
	pos_embed_open(&m->position, grid, grid, D);
	m->teacher_mask = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "teacher_mask_token");
	m->student_mask = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "student_mask_token");
	open_decoder(m, p);
	open_heads(m, p);
}

void
tscae_close(struct tscae *m)
{
	encoder_close(&m->encoder);
	pos_embed_close(&m->position);
	free(m->blocks);
	*m = (struct tscae){ 0 };
}

/* One pass: [class, `masks` equal mask tokens that represent K, `length` patches of `list`] through the encoder.
   mask_positions: their positions, NULL for none. */
static struct var *
encode(const struct tscae *m, struct tape *t, const struct tscae_input *in, int token, int masks, int K,
	const int *mask_positions, const int *list, int length)
{
	const struct token_source source = {
		in->patches, { tape_param(t, m->encoder.cls_token), tape_param(t, token) }, m->position.table
	};
	const struct token_segment segments[] = {
		{ .token = 1, .length = 1 },
		{ .token = 2, .length = masks, .positions = mask_positions },
		{ .rows = list, .positions = list, .length = length }
	};
	struct var *x = token_sequence_build(t, in->mask->n, m->encoder.D, &source, segments, 3);
	float *key_bias = NULL;

	if (masks < K) {
		key_bias = tape_keep(t, (size_t)(2 + length) * sizeof *key_bias);
		memset(key_bias, 0, (size_t)(2 + length) * sizeof *key_bias);
		key_bias[1] = logf((float)K);
	}
	return encoder_forward(&m->encoder, t, x, key_bias);
}

struct var *
tscae_teacher(const struct tscae *m, struct tape *t, const struct tscae_input *in)
{
	const struct mask_index *s = in->mask;
	const int masks = m->config.fold ? 1 : s->M;
	struct var *y = encode(m, t, in, m->teacher_mask, masks, s->M, NULL, s->visible, s->V);

	return token_sequence_slice(t, y, 1 + masks, s->V);
}

struct tscae_student
tscae_student(const struct tscae *m, struct tape *t, const struct tscae_input *in)
{
	const struct mask_index *s = in->mask;
	const bool predict_pixels = m->config.w_student_pixel > 0;
	const int masks = m->config.fold && !predict_pixels ? 1 : s->V;
	const int *positions = predict_pixels ? s->visible : NULL;
	struct var *y = encode(m, t, in, m->student_mask, masks, s->V, positions, s->masked, s->M);

	struct tscae_student out = {
		.patches = token_sequence_slice(t, y, 1 + masks, s->M), .masked = op_mean_tokens(t, y, 1, masks)
	};

	if (predict_pixels)
		out.pixels = layer_forward(t, token_sequence_slice(t, y, 1, s->V), m->student_pixels, ACT_NONE);
	return out;
}

/* [learned position of the global query, position embedding of each masked patch] */
static struct var *
query_positions(const struct tscae *m, struct tape *t, const struct mask_index *s)
{
	const int D = m->encoder.D;
	struct var *zero = tape_var(t, 1, D, 0, 0, 0, false);
	const struct token_source source = { NULL, { tape_param(t, m->global_position), zero }, m->position.table };
	const struct token_segment segments[] = {
		{ .token = 1, .length = 1 },
		{ .token = 2, .length = s->M, .positions = s->masked }
	};

	memset(zero->x, 0, (size_t)D * sizeof *zero->x);
	return token_sequence_build(t, s->n, D, &source, segments, 2);
}

static struct var *
query_content(const struct tscae *m, struct tape *t, const struct tscae_input *in)
{
	const int D = m->encoder.D, n = in->mask->n, L = 1 + in->mask->M;
	const struct token_segment segment = { .token = 1, .length = L };
	const struct rng *streams;
	struct var *noise;
	long i, each = (long)L * D;

	if (!m->config.query_noise) {
		const struct token_source source = { NULL, { tape_param(t, m->query) }, NULL };

		return token_sequence_build(t, n, D, &source, &segment, 1);
	}
	streams = noise_streams(in->noise, t, n, "query");
	noise = tape_var(t, 3, n, L, D, 0, false);
	for (i = 0; i < n; i++) {
		struct rng stream = streams[i];
		long k;

		for (k = 0; k < each; k++)
			noise->x[i * each + k] = (float)(NOISE_STD * rng_normal(&stream));
	}
	return noise;
}

struct var *
tscae_decoder(const struct tscae *m, struct tape *t, const struct tscae_input *in, struct var *memory)
{
	const struct mask_index *s = in->mask;
	int i;
	const struct token_source source = { memory, { NULL }, m->position.table };
	const struct token_segment segment = { .length = s->V, .positions = s->visible };
	const struct decoder_block_inputs inputs = {
		.memory = memory,
		.memory_key = token_sequence_build(t, s->n, m->encoder.D, &source, &segment, 1),
		.query_position = query_positions(m, t, s),
		.dropout = in->train ? (float)m->config.dropout : 0,
		.noise = in->noise
	};
	struct var *x = query_content(m, t, in);

	for (i = 0; i < m->config.decoder_depth; i++)
		x = decoder_block_forward(t, x, &m->blocks[i], &inputs, m->config.recompute);
	return layer_norm_forward(t, x, m->decoder_norm, DECODER_BLOCK_EPS);
}

struct var *
tscae_pixels(const struct tscae *m, struct tape *t, struct var *d)
{
	d = layer_forward(t, d, m->pixels[0], ACT_RELU);
	d = layer_forward(t, d, m->pixels[1], ACT_RELU);
	return layer_forward(t, d, m->pixels[2], ACT_NONE);
}

struct var *
tscae_predictor(const struct tscae *m, struct tape *t, struct var *x)
{
	x = op_linear(t, x, tape_param(t, m->predictor), NULL, ACT_NONE);
	x = op_batchnorm(t, x, tape_param(t, m->predictor_norm.w), tape_param(t, m->predictor_norm.b), PREDICTOR_EPS);
	return layer_forward(t, op_relu(t, x), m->predictor_out, ACT_NONE);
}
