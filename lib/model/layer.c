/* layer - the layers of the models: linear, layer norm, transformer blocks; random streams of dropout */
#include "model/layer.h"
#include "base/rng.h"
#include "nn/op.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { NAME_SIZE = sizeof ((struct param *)0)->name - sizeof ".weight" };

struct layer
layer_linear(struct params *p, int out, int in, const char *name_format, ...)
{
	char name[NAME_SIZE];
	struct layer l;
	va_list ap;

	va_start(ap, name_format);
	vsnprintf(name, sizeof name, name_format, ap);
	va_end(ap);
	l.w = params_add(p, INIT_XAVIER, 2, out, in, 0, 0, "%s.weight", name);
	l.b = params_add(p, INIT_ZERO, 1, out, 0, 0, 0, "%s.bias", name);
	p->list[l.w].linear = true;
	return l;
}

struct layer
layer_norm(struct params *p, int D, const char *name_format, ...)
{
	char name[NAME_SIZE];
	struct layer n;
	va_list ap;

	va_start(ap, name_format);
	vsnprintf(name, sizeof name, name_format, ap);
	va_end(ap);
	n.w = params_add(p, INIT_ONE, 1, D, 0, 0, 0, "%s.weight", name);
	n.b = params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "%s.bias", name);
	return n;
}

struct var *
layer_forward(struct tape *t, struct var *x, struct layer l, enum act act)
{
	return op_linear(t, x, tape_param(t, l.w), tape_param(t, l.b), act);
}

/* residual + x w' + b */
static struct var *
forward_add(struct tape *t, struct var *x, struct layer l, struct var *residual)
{
	return op_linear_add(t, x, tape_param(t, l.w), tape_param(t, l.b), residual);
}

struct var *
layer_norm_forward(struct tape *t, struct var *x, struct layer n, float eps)
{
	return op_norm(t, x, tape_param(t, n.w), tape_param(t, n.b), eps);
}

const struct rng *
noise_streams(const struct noise *s, struct tape *t, int n, const char *purpose_format, ...)
{
	struct rng *streams = tape_array(t, (size_t)n, sizeof *streams);
	char purpose[64];	/* the longest is "decoder 255 cross attention" */
	va_list ap;
	int i;

	va_start(ap, purpose_format);
	vsnprintf(purpose, sizeof purpose, purpose_format, ap);
	va_end(ap);
	for (i = 0; i < n; i++)
		streams[i] = rng_at(s->seed, s->step, purpose, s->keys[i]);
	return streams;
}

/* block - the transformer blocks of encoder (pre-norm) and decoder (post-norm, with cross-attention) */

struct block_call {
	const struct block *b;
	const float *key_bias;
	const struct block_drop *drop;
};

void
block_open(struct block *b, struct params *p, const struct block_sizes *s, const char *prefix, int number)
{
	const int D = s->D, hidden = s->hidden ? s->hidden : BLOCK_MLP_RATIO * D;

	b->D = D;
	b->H = s->H;
	b->eps = s->eps;
	b->norm1 = layer_norm(p, D, "%s.%d.norm1", prefix, number);
	b->qkv = layer_linear(p, 3 * D, D, "%s.%d.attn.qkv", prefix, number);
	b->proj = layer_linear(p, D, D, "%s.%d.attn.proj", prefix, number);
	b->norm2 = layer_norm(p, D, "%s.%d.norm2", prefix, number);
	b->fc1 = layer_linear(p, hidden, D, "%s.%d.mlp.fc1", prefix, number);
	b->fc2 = layer_linear(p, D, hidden, "%s.%d.mlp.fc2", prefix, number);
}

/* x + y w' + b, or x alone for images whose branch is dropped */
static struct var *
add_branch(struct tape *t, const struct block_drop *drop, const struct rng *rng, struct var *x, struct var *y,
	struct layer last)
{
	return drop ? op_drop_path(t, x, layer_forward(t, y, last, ACT_NONE), drop->p, rng)
		: forward_add(t, y, last, x);
}

static struct var *
encoder_pass(struct tape *t, struct var *const *inputs, const void *arg)
{
	const struct block_call *call = arg;
	const struct block *b = call->b;
	const struct block_drop *drop = call->drop;
	struct var *x = inputs[0], *y;

	y = layer_forward(t, layer_norm_forward(t, x, b->norm1, b->eps), b->qkv, ACT_NONE);
	y = op_attention(t, (struct part){ y, 0 }, (struct part){ y, b->D }, (struct part){ y, 2 * b->D }, b->D, b->H,
		call->key_bias, 0, NULL);
	x = add_branch(t, drop, drop ? drop->attention : NULL, x, y, b->proj);
	y = layer_forward(t, layer_norm_forward(t, x, b->norm2, b->eps), b->fc1, ACT_GELU);
	return add_branch(t, drop, drop ? drop->mlp : NULL, x, y, b->fc2);
}

struct var *
block_train(struct tape *t, struct var *x, const struct block *b, const float *key_bias,
	const struct block_drop *drop, bool recompute)
{
	struct block_call *call = tape_keep(t, sizeof *call);

	*call = (struct block_call){ b, key_bias, drop };
	return recompute || !t->on ? op_recompute(t, encoder_pass, 1, &x, call) : encoder_pass(t, &x, call);
}

struct var *
block_forward(struct tape *t, struct var *x, const struct block *b, const float *key_bias, bool recompute)
{
	return block_train(t, x, b, key_bias, NULL, recompute);
}

void
block_attention(struct tape *t, struct var *x, const struct block *b, float *out)
{
	static const int first[] = { 0 }, no_position[] = { -1 };
	const struct pick pick = { .index = first, .position = no_position, .shared = true };
	struct var *qkv = layer_forward(t, layer_norm_forward(t, x, b->norm1, b->eps), b->qkv, ACT_NONE);
	struct var *query = op_pick(t, qkv, x->shape[0], 1, 3 * b->D, &pick);

	op_attention_weights((struct part){ query, 0 }, (struct part){ qkv, b->D }, b->D, b->H, NULL, out);
}

enum { X, MEMORY, MEMORY_KEY, QUERY_POSITION, INPUTS };

struct decoder_call {
	const struct decoder_block *b;
	float dropout;
	const struct noise *noise;
};

void
decoder_block_open(struct decoder_block *b, struct params *p, int D, int H, bool self_attention, int number)
{
	const int hidden = DECODER_BLOCK_MLP_RATIO * D;
	char name[32];

	snprintf(name, sizeof name, "decoder.blocks.%d", number);
	*b = (struct decoder_block){ .D = D, .H = H, .self_attention = self_attention, .number = number };
	if (self_attention) {
		b->self_qkv = layer_linear(p, 3 * D, D, "%s.self_attn.qkv", name);
		b->self_proj = layer_linear(p, D, D, "%s.self_attn.proj", name);
	}
	b->cross_qkv = layer_linear(p, 3 * D, D, "%s.cross_attn.qkv", name);
	b->cross_proj = layer_linear(p, D, D, "%s.cross_attn.proj", name);
	if (self_attention)
		b->norm1 = layer_norm(p, D, "%s.norm1", name);
	b->norm2 = layer_norm(p, D, "%s.norm2", name);
	b->norm3 = layer_norm(p, D, "%s.norm3", name);
	b->fc1 = layer_linear(p, hidden, D, "%s.mlp.fc1", name);
	b->fc2 = layer_linear(p, D, hidden, "%s.mlp.fc2", name);
}

/* project x with `count` parts of a packed qkv layer, from part `from` on (0 q, 1 k, 2 v): (n, L, count D) */
static struct var *
project(struct tape *t, struct var *x, struct layer qkv, int D, int from, int count)
{
	return op_linear(t, x, op_rows(t, tape_param(t, qkv.w), from * D, count * D),
		op_rows(t, tape_param(t, qkv.b), from * D, count * D), ACT_NONE);
}

static struct var *
attend(struct tape *t, const struct decoder_call *call, const char *which, struct part q, struct part k, struct var *v)
{
	const struct decoder_block *b = call->b;
	const struct rng *streams = NULL;

	if (call->dropout > 0)
		streams = noise_streams(call->noise, t, v->shape[0], "decoder %d %s attention", b->number, which);
	return op_attention(t, q, k, (struct part){ v, 0 }, b->D, b->H, NULL, call->dropout, streams);
}

/* norm(x + dropout(y w' + b)) */
static struct var *
add_and_norm(struct tape *t, const struct decoder_call *call, const char *which, struct var *x, struct var *y,
	struct layer last, struct layer norm)
{
	struct var *sum;

	if (call->dropout == 0)
		return layer_norm_forward(t, forward_add(t, y, last, x), norm, DECODER_BLOCK_EPS);
	y = op_dropout(t, layer_forward(t, y, last, ACT_NONE), call->dropout,
	    noise_streams(call->noise, t, x->shape[0], "decoder %d %s", call->b->number, which));
	return op_norm_add(t, x, y, tape_param(t, norm.w), tape_param(t, norm.b), DECODER_BLOCK_EPS, &sum);
}

static struct var *
decoder_pass(struct tape *t, struct var *const *in, const void *arg)
{
	const struct decoder_call *call = arg;
	const struct decoder_block *b = call->b;
	struct var *x = in[X], *y, *qk, *k, *v;

	if (b->self_attention) {
		qk = project(t, op_add(t, x, in[QUERY_POSITION]), b->self_qkv, b->D, 0, 2);
		v = project(t, x, b->self_qkv, b->D, 2, 1);
		y = attend(t, call, "self", (struct part){ qk, 0 }, (struct part){ qk, b->D }, v);
		x = add_and_norm(t, call, "self", x, y, b->self_proj, b->norm1);
	}
	qk = project(t, op_add(t, x, in[QUERY_POSITION]), b->cross_qkv, b->D, 0, 1);
	k = project(t, in[MEMORY_KEY], b->cross_qkv, b->D, 1, 1);
	v = project(t, in[MEMORY], b->cross_qkv, b->D, 2, 1);
	y = attend(t, call, "cross", (struct part){ qk, 0 }, (struct part){ k, 0 }, v);
	x = add_and_norm(t, call, "cross", x, y, b->cross_proj, b->norm2);

	return add_and_norm(t, call, "mlp", x, layer_forward(t, x, b->fc1, ACT_RELU), b->fc2, b->norm3);
}

struct var *
decoder_block_forward(struct tape *t, struct var *x, const struct decoder_block *b,
	const struct decoder_block_inputs *in, bool recompute)
{
	struct decoder_call *call = tape_keep(t, sizeof *call);
	struct var *const inputs[INPUTS] = {
		[X] = x, [MEMORY] = in->memory, [MEMORY_KEY] = in->memory_key, [QUERY_POSITION] = in->query_position
	};

	*call = (struct decoder_call){ b, in->dropout, in->noise };
	return recompute || !t->on ? op_recompute(t, decoder_pass, INPUTS, inputs, call)
		: decoder_pass(t, inputs, call);
}
