/* block - one pre-norm transformer block, as in ViT (Dosovitskiy et al. 2021), MAE and timm

   x += proj(attention(norm1(x)));  x += fc2(gelu(fc1(norm2(x))))
   Packed qkv with bias. */
#ifndef MODEL_BLOCK_H
#define MODEL_BLOCK_H

#include "model/layer.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>

#define BLOCK_EPS 1e-6f	/* layer norm eps of ViT and MAE; imported models may have another one */
enum { BLOCK_MLP_RATIO = 4 };

/* Drop path (stochastic depth): each residual branch of an image is dropped with probability p. */
struct block_drop {
	float p;
	const struct rng *attention, *mlp;	/* one random stream for each of x->shape[0] */
};

struct block {
	int D, H;
	float eps;		/* of the layer norms */
	struct layer norm1, qkv, proj, norm2, fc1, fc2;
};

/* Blocks of one transformer: width, heads, hidden width of the MLP (0: 4 D), layer norm eps. */
struct block_sizes { int D, H, hidden; float eps; };

/* Declare NAME.norm1, NAME.attn.{qkv,proj}, NAME.norm2, NAME.mlp.{fc1,fc2} with NAME = prefix.number. */
void block_open(struct block *b, struct params *p, const struct block_sizes *s, const char *prefix, int number);

/* x (N, L, D) -> (N, L, D). key_bias: L floats for the attention logits of each key, or NULL; it and b live until
   backward. With `recompute`, or the tape off, only x is kept. */
struct var *block_forward(struct tape *t, struct var *x, const struct block *b, const float *key_bias, bool recompute);

/* block_forward() with drop path `drop`, kept until backward; NULL for none. */
struct var *block_train(struct tape *t, struct var *x, const struct block *b, const float *key_bias,
	const struct block_drop *drop, bool recompute);

/* Attention weights of the first token over all tokens, from the input x (N, L, D) of the block: out (N, H, L). */
void block_attention(struct tape *t, struct var *x, const struct block *b, float *out);

#endif
