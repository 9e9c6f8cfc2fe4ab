/* layer - the layers of the models: linear, layer norm, transformer blocks; random streams of dropout

   Encoder: pre-norm, as in ViT (Dosovitskiy et al. 2021), MAE and timm; packed qkv with bias.
   x += proj(attention(norm1(x)));  x += fc2(gelu(fc1(norm2(x))))

   Decoder: post-norm, self- and cross-attention (formats/method.md, Decoder).
   x = norm1(x + self(q = k = x + query_position, v = x))
   x = norm2(x + cross(q = x + query_position, k = memory + memory_position, v = memory))
   x = norm3(x + fc2(relu(fc1(x)))); layer norm eps 1e-5; packed qkv parameters in both attentions. The first line is
   optional: without self-attention a query does not depend on the other queries (CrossMAE, Fu et al. 2024). */
#ifndef MODEL_LAYER_H
#define MODEL_LAYER_H

#include "nn/op.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stdint.h>

/* The parameters of a linear layer, or gamma and beta of a layer norm. */
struct layer {
	int w, b;	/* ids of parameters */
};

/* Declare a linear layer: NAME.weight (out, in), NAME.bias (out). */
struct layer layer_linear(struct params *p, int out, int in, const char *name_format,
	...) __attribute__((format(printf, 4, 5)));

/* Declare a layer norm: NAME.weight (D) = 1, NAME.bias (D) = 0. */
struct layer layer_norm(struct params *p, int D, const char *name_format, ...) __attribute__((format(printf, 3, 4)));

/* act(x w' + b); the layer norm of x. */
struct var *layer_forward(struct tape *t, struct var *x, struct layer l, enum act act);
struct var *layer_norm_forward(struct tape *t, struct var *x, struct layer n, float eps);

enum { NOISE_KEY_SIZE = 256 };	/* bytes for a record's key */

/* The random numbers of a training step. They are a function of (seed, step, purpose, key) alone: the order of the
   images, the micro-batch size and the number of threads do not change them. */
struct noise {
	uint64_t seed;
	long step;
	const char (*keys)[NOISE_KEY_SIZE];	/* of the images of this micro-batch */
};

/* One random stream for each of `n` images, for one purpose; allocated in the tape's arena. */
const struct rng *noise_streams(const struct noise *s, struct tape *t, int n, const char *purpose_format, ...)
	__attribute__((format(printf, 4, 5)));

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

#define DECODER_BLOCK_EPS 1e-5f	/* layer norm eps */
enum { DECODER_BLOCK_MLP_RATIO = 4 };

struct decoder_block {
	int D, H, number;
	bool self_attention;
	struct layer self_qkv, self_proj, cross_qkv, cross_proj, norm1, norm2, norm3, fc1, fc2;
};

/* Declare decoder.blocks.NUMBER.{self_attn,cross_attn}.{qkv,proj}, norm1 .. norm3 and mlp.{fc1,fc2}; without
   self-attention no self_attn and norm1. */
void decoder_block_open(struct decoder_block *b, struct params *p, int D, int H, bool self_attention, int number);

struct decoder_block_inputs {
	struct var *memory, *memory_key;	/* (n, V, D); memory_key = memory + position embedding */
	struct var *query_position;		/* (n, L, D) */
	float dropout;				/* probability, for attention weights and residual branches */
	const struct noise *noise;		/* for dropout > 0; kept until backward */
};

/* x (n, L, D) -> (n, L, D). b lives until backward. With `recompute` only x and the inputs are kept. */
struct var *decoder_block_forward(struct tape *t, struct var *x, const struct decoder_block *b,
	const struct decoder_block_inputs *in, bool recompute);

#endif
