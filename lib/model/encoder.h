/* encoder - the vision transformer (ViT) of both passes and of all downstream tasks (formats/method.md, The pieces)

   patches (N, P, C p p) -> linear -> + position -> [class, ..., patches] -> blocks -> norm. Parameter names are
   timm's. Imported encoders may have learned positions, register tokens, no class token (struct config_variant). */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include "model/config.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "transform/patch.h"

#include <stdbool.h>
#include <stdint.h>

struct encoder {
	int D, depth;
	int p;				/* patch size in pixels */
	struct patch_pixels pixels;	/* channels C, and how samples become numbers */
	bool recompute;			/* in training, keep only the input of each block */
	int window;			/* attention window size in patches, 0: none; a few blocks stay global */
	bool frozen;			/* no gradients for its parameters */
	float drop_path;		/* probability at the last block; rises linearly from 0 at the first */
	struct layer embed, norm;
	float eps;			/* of all layer norms */
	int cls_token;			/* id of the parameter; -1: none */
	int registers[CONFIG_REGISTERS_MAX], register_count;	/* ids of further tokens */
	int pos_embed, grid;		/* id of a learned position table (1, grid^2, D), frozen; -1: the fixed one */
	bool pool_norm;			/* `norm` is one of the mean, not of the tokens */
	struct block *blocks;		/* depth of them; owned */
};

/* Declare the parameters of a completed configuration, frozen with config.freeze_encoder but for the norm of the mean,
   which belongs to the head. encoder_close() frees what belongs to `e`. */
void encoder_open(struct encoder *e, const struct config *c, struct params *p);
void encoder_close(struct encoder *e);

/* Embed the patches of `list` (n, length; indices) of `images` (n, H, W, C; of 16 bits: uint16_t): (n, length, D),
   without position embedding. list NULL: all P patches, and length is ignored. */
struct var *encoder_embed(const struct encoder *e, struct tape *t, const uint8_t *images, int n, int H, int W,
	const int *list, int length);

/* All blocks and the final norm on `count` sequences x[i] (n, L_i, D), which become the outputs. key_bias[i]: L_i
   floats or NULL (token folding), kept until backward. The sequences go through each block one after the other, so in
   backward the gradient of a block is complete before the next block begins. */
void encoder_forward(const struct encoder *e, struct tape *t, int count, struct var **x, const float *const *key_bias);

/* Inference without mask tokens. Register tokens are left out of the result; without a class token its row is zeros.
   With pool_norm there is no final norm; encoder_mean() has it. The class token, then all P patches, (n, 1 + P, D),
   after `block` blocks (0: the embedded patches; depth: after the final norm). H and W are multiples of the patch
   size; `position` is open for H/p x W/p and D. attention: NULL, or (n, heads, P) floats for the attention weights of
   the class token over the patches in that block (block > 0; the weights for the class token itself and for registers
   are left out; the encoder has a class token). The mean of the patches is encoder_mean(), the class token
   op_mean_tokens(t, x, 0, 1). */
struct var *encoder_features(const struct encoder *e, struct tape *t, const struct pos_embed *position,
	const uint8_t *images, int n, int H, int W, int block, float *attention);

/* The mean of the P patches of those outputs, (n, D); with pool_norm and block = depth, its norm. */
struct var *encoder_mean(const struct encoder *e, struct tape *t, struct var *x, int block);

/* The outputs after all blocks and the final norm, for training a head: on the tape unless the encoder is frozen,
   with drop path drawn from `noise` for each image. noise NULL, or a frozen encoder: no drop path. */
struct var *encoder_train(const struct encoder *e, struct tape *t, const struct pos_embed *position,
	const uint8_t *images, int n, int H, int W, const struct noise *noise);

/* The size in patches of the attention windows of block i on a grid of R x C; 0: global attention. */
int encoder_window(const struct encoder *e, int i, int R, int C);

/* Drop path of block i for n images, in the tape's arena; NULL: none. */
const struct block_drop *encoder_drop_path(const struct encoder *e, struct tape *t, int i, int n,
	const struct noise *noise);

/* The layer index of a parameter name in an encoder of `depth` blocks, for layer-wise learning rates: 0 the embedding,
   i + 1 block i, depth + 1 the final norm; -1: not a parameter of the encoder. */
int encoder_layer(const char *name, int depth);

#endif
