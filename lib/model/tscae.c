/* tscae - teacher and student with complementary masks, one encoder (formats/method.md, One image) */
#include "model/tscae.h"
#include "base/mem.h"
#include "base/rng.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/op.h"
#include "transform/patch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double NOISE_STD = 0.02;		/* paper's query content: formats/method.md, Presets and switches */
static const float HEAD_EPS = 1e-5f;		/* batch norm of the predictor and of the projection head */

static void
open_decoder(struct tscae *m, struct params *p)
{
	const struct config *c = &m->config;
	const int D = (int)c->decoder_embed_dim;
	int i;

	m->decoder_embed.w = -1;
	if (D != m->encoder.D)
		m->decoder_embed = layer_linear(p, D, m->encoder.D, "decoder.embed");
	m->query = c->query_noise ? -1 : params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "decoder.query");
	m->global_position = -1;
	if (config_has_global_query(c)) {
		m->global_position = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "decoder.global_position");
		p->list[m->global_position].frozen = c->global_random;
	}
	m->blocks = mem_array((size_t)c->decoder_depth, sizeof *m->blocks);
	for (i = 0; i < c->decoder_depth; i++)
		decoder_block_open(&m->blocks[i], p, D, (int)c->decoder_heads, c->decoder_self_attention, i);
	m->decoder_norm = layer_norm(p, D, "decoder.norm");
}

static void
open_heads(struct tscae *m, struct params *p)
{
	const struct config *c = &m->config;
	const int D = m->encoder.D, width = m->encoder.pixels.channels * m->encoder.p * m->encoder.p;
	const int hidden = (int)c->projection_hidden, dim = (int)c->projection_dim;
	int i;

	for (i = 0; i < 3; i++)
		m->pixels[i] = layer_linear(p, width, i ? width : (int)c->decoder_embed_dim, "pixels.%d", i);
	m->predictor = m->projection = m->queue = -1;
	if (c->patch_contrast == PATCH_CONTRAST_SIMSIAM) {
		m->predictor = params_add(p, INIT_XAVIER, 2, D / 4, D, 0, 0, "predictor.0.weight");
		m->predictor_norm = layer_norm(p, D / 4, "predictor.1");
		m->predictor_out = layer_linear(p, D, D / 4, "predictor.2");
	}
	if (config_projects(c)) {
		m->projection = params_add(p, INIT_XAVIER, 2, hidden, D, 0, 0, "projection.0.weight");
		m->projection_norm = layer_norm(p, hidden, "projection.1");
		m->projection_out = layer_linear(p, dim, hidden, "projection.2");
	}
	if (c->image_contrast == IMAGE_CONTRAST_NNCLR) {
		m->queue = params_add(p, INIT_NORMAL, 2, (int)c->queue_size, dim, 0, 0, "queue");
		p->list[m->queue].frozen = true;
	}
	if (c->w_student_pixel > 0)
		m->student_pixels = layer_linear(p, width, D, "student_pixels");
}

void
tscae_open(struct tscae *m, const struct config *c, struct params *p)
{
	const int grid = (int)(c->image / c->patch), D = (int)c->embed_dim;

	*m = (struct tscae){ .config = *c, .teacher_mask = -1, .student_mask = -1 };
	encoder_open(&m->encoder, c, p);
	pos_embed_open(&m->position, grid, grid, D);
	pos_embed_open(&m->decoder_position, grid, grid, (int)c->decoder_embed_dim);
	if (c->mask_tokens) {
		m->teacher_mask = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "teacher_mask_token");
		m->student_mask = params_add(p, INIT_TOKEN, 3, 1, 1, D, 0, "student_mask_token");
	}
	open_decoder(m, p);
	open_heads(m, p);
}

void
tscae_close(struct tscae *m)
{
	encoder_close(&m->encoder);
	pos_embed_close(&m->position);
	pos_embed_close(&m->decoder_position);
	free(m->blocks);
	*m = (struct tscae){ 0 };
}

/* The input of a pass: [class, `masks` equal mask tokens for `hidden` patches, `length` patches of `list`] */
struct pass {
	struct var *patches;
	int token, masks, hidden;
	const int *mask_positions;	/* of the mask tokens; NULL: none */
	const int *list;
	int length;
};

/* The sequence of a pass, and its key bias, NULL for none. */
static struct var *
build(const struct tscae *m, struct tape *t, int n, const struct pass *p, const float **key_bias)
{
	const struct token_source source = {
		p->patches, { tape_param(t, m->encoder.cls_token), p->masks ? tape_param(t, p->token) : NULL },
		m->position.table
	};
	const struct token_segment segments[] = {
		{ .token = 1, .length = 1 },
		{ .token = 2, .length = p->masks, .positions = p->mask_positions },
		{ .rows = p->patches->shape[1] == p->length ? NULL : p->list, .positions = p->list,
			.length = p->length }
	};
	float *bias = NULL;

	if (p->masks && p->masks < p->hidden) {
		bias = tape_array(t, (size_t)(2 + p->length), sizeof *bias);
		memset(bias, 0, (size_t)(2 + p->length) * sizeof *bias);
		bias[1] = logf((float)p->hidden);
	}
	*key_bias = bias;
	return token_sequence_build(t, n, m->encoder.D, &source, segments, 3);
}

/* the tokens in the input for `hidden` mask tokens */
static int
folded(const struct tscae *m, int hidden)
{
	return !m->config.mask_tokens ? 0 : m->config.fold ? 1 : hidden;
}

/* the outputs y of the encoder for a pass */
static struct tscae_outputs
outputs(const struct tscae *m, struct tape *t, const struct pass *p, struct var *y)
{
	return (struct tscae_outputs){
		.patches = token_sequence_slice(t, y, 1 + p->masks, p->length),
		.class = m->config.image_pool == IMAGE_POOL_CLASS ? op_mean_tokens(t, y, 0, 1) : NULL
	};
}

void
tscae_encoder(const struct tscae *m, struct tape *t, const struct tscae_input *in, struct tscae_outputs *teacher,
	struct tscae_outputs *student)
{
	const struct mask_index *s = in->mask;
	const bool predict_pixels = m->config.w_student_pixel > 0;
	const struct pass passes[] = {
		{ in->teacher, m->teacher_mask, folded(m, s->M), s->M, NULL, s->visible, s->V },
		{ in->student, m->student_mask, predict_pixels ? s->V : folded(m, s->V), s->V,
			predict_pixels ? s->visible : NULL, s->student, s->K }
	};
	const int count = student ? 2 : 1, masks = passes[1].masks;
	const float *key_bias[2];
	struct var *x[2];

	for (int i = 0; i < count; i++)
		x[i] = build(m, t, s->n, &passes[i], &key_bias[i]);
	encoder_forward(&m->encoder, t, count, x, key_bias);
	*teacher = outputs(m, t, &passes[0], x[0]);
	if (!student)
		return;
	*student = outputs(m, t, &passes[1], x[1]);
	if (masks)
		student->masked = op_mean_tokens(t, x[1], 1, masks);
	if (predict_pixels)
		student->pixels = layer_forward(t, token_sequence_slice(t, x[1], 1, s->V), m->student_pixels, ACT_NONE);
}

/* number of global queries: 1 or 0 */
static int
globals(const struct tscae *m)
{
	return m->global_position >= 0;
}

/* [learned position of the global query, position embedding of each predicted patch] */
static struct var *
query_positions(const struct tscae *m, struct tape *t, const struct mask_index *s)
{
	const int D = (int)m->config.decoder_embed_dim;
	struct var *zero = tape_var(t, 1, D, 0, 0, 0, false);
	const struct token_source source = {
		NULL, { globals(m) ? tape_param(t, m->global_position) : zero, zero }, m->decoder_position.table
	};
	const struct token_segment segments[] = {
		{ .token = 1, .length = globals(m) },
		{ .token = 2, .length = s->Q, .positions = s->predicted }
	};

	memset(zero->x, 0, (size_t)D * sizeof *zero->x);
	return token_sequence_build(t, s->n, D, &source, segments, 2);
}

static struct var *
query_content(const struct tscae *m, struct tape *t, const struct tscae_input *in)
{
	const int D = (int)m->config.decoder_embed_dim, n = in->mask->n, L = globals(m) + in->mask->Q;
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

struct tscae_decoded
tscae_decoder(const struct tscae *m, struct tape *t, const struct tscae_input *in, struct var *memory)
{
	const struct mask_index *s = in->mask;
	const struct token_segment segment = { .length = s->V, .positions = s->visible };
	struct token_source source = { memory, { NULL }, m->decoder_position.table };
	struct decoder_block_inputs inputs = {
		.query_position = query_positions(m, t, s),
		.dropout = in->train ? (float)m->config.dropout : 0,
		.noise = in->noise
	};
	struct var *x = query_content(m, t, in);
	int i;

	if (m->decoder_embed.w >= 0)
		source.x = layer_forward(t, memory, m->decoder_embed, ACT_NONE);
	inputs.memory = source.x;
	inputs.memory_key = token_sequence_build(t, s->n, m->decoder_position.D, &source, &segment, 1);
	for (i = 0; i < m->config.decoder_depth; i++)
		x = decoder_block_forward(t, x, &m->blocks[i], &inputs, m->config.recompute);
	x = layer_norm_forward(t, x, m->decoder_norm, DECODER_BLOCK_EPS);
	return (struct tscae_decoded){
		.patches = globals(m) ? token_sequence_slice(t, x, 1, s->Q) : x,
		.global = globals(m) ? op_mean_tokens(t, x, 0, 1) : NULL
	};
}

struct var *
tscae_pixels(const struct tscae *m, struct tape *t, struct var *d)
{
	d = layer_forward(t, d, m->pixels[0], ACT_RELU);
	d = layer_forward(t, d, m->pixels[1], ACT_RELU);
	return layer_forward(t, d, m->pixels[2], ACT_NONE);
}

/* linear without bias, batch norm, ReLU, linear */
static struct var *
head(struct tape *t, struct var *x, int first, struct layer norm, struct layer last)
{
	x = op_linear(t, x, tape_param(t, first), NULL, ACT_NONE);
	x = op_batchnorm(t, x, tape_param(t, norm.w), tape_param(t, norm.b), HEAD_EPS);
	return layer_forward(t, op_relu(t, x), last, ACT_NONE);
}

struct var *
tscae_predictor(const struct tscae *m, struct tape *t, struct var *x)
{
	return head(t, x, m->predictor, m->predictor_norm, m->predictor_out);
}

struct var *
tscae_project(const struct tscae *m, struct tape *t, struct var *x)
{
	struct var *y = head(t, x, m->projection, m->projection_norm, m->projection_out);

	return op_reshape(t, y, 3, x->shape[0], 1, var_width(y), 0);
}
