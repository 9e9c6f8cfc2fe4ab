/* decoder_block - one post-norm decoder block with self- and cross-attention (formats/method.md, Decoder)

   x = norm1(x + self(q = k = x + query_position, v = x))
   x = norm2(x + cross(q = x + query_position, k = memory + memory_position, v = memory))
   x = norm3(x + fc2(relu(fc1(x)))); layer norm eps 1e-5; packed qkv parameters in both attentions. The first line is
   optional: without self-attention a query does not depend on the other queries (CrossMAE, Fu et al. 2024). */
#ifndef MODEL_DECODER_BLOCK_H
#define MODEL_DECODER_BLOCK_H

#include "model/layer.h"
#include "nn/params.h"
#include "nn/tape.h"

#include <stdbool.h>

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
