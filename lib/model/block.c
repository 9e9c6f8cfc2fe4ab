/* block - one pre-norm transformer block, as in ViT (Dosovitskiy et al. 2021), MAE and timm

   x += proj(attention(norm1(x)));  x += fc2(gelu(fc1(norm2(x)))) */
#include "model/block.h"
#include "base/rng.h"
#include "nn/op.h"

#include <stddef.h>

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
		: layer_forward_add(t, y, last, x);
}

static struct var *
forward(struct tape *t, struct var *const *inputs, const void *arg)
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
	return recompute || !t->on ? op_recompute(t, forward, 1, &x, call) : forward(t, &x, call);
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
