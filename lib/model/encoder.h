/* encoder - the vision transformer of both passes, and the one that is used afterwards (formats/method.md, The pieces)

   patches (N, P, 3 p p) -> linear -> + position -> [class, ..., patches] -> blocks -> norm. Parameter names are timm's. */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include "transform/patch.h"
#include "model/block.h"
#include "model/config.h"
#include "model/noise.h"
#include "model/position.h"

struct encoder {
	int D, depth;
	int p;				/* side of a patch */
	enum patch_scale scale;		/* how bytes become numbers */
	bool recompute;
	int window;			/* side of attention windows in patches (0: none); every (depth/4)-th block sees everything all the same */
	bool frozen;			/* its parameters are constants: config.freeze */
	float drop_path;		/* of the last block; rises linearly from 0 at the first */
	struct layer embed, norm;
	int cls_token;
	struct block *blocks;		/* depth of them; owned */
};

/* Declare the parameters of a completed configuration; encoder_close() frees what belongs to `e`. */
/* The parameters are frozen where config.freeze says so. */
void encoder_open(struct encoder *e, const struct config *c, struct params *p);
void encoder_close(struct encoder *e);

/* Embed all patches of n images `images` (n, H, W, 3): (n, P, D), without position. */
struct var *encoder_embed(const struct encoder *e, struct tape *t, const uint8_t *images, int n, int H, int W);

/* All blocks and the final norm on a sequence (n, L, D). key_bias: L floats or NULL (token folding), kept
   until backward. */
struct var *encoder_forward(const struct encoder *e, struct tape *t, struct var *x, const float *key_bias);

/* Inference without a mask token: the class token and all P patches, (n, 1 + P, D), class first, after `block`
   blocks (0: only embedded ... depth - 1); at `depth` after the final norm. H and W are any multiples of the patch and
   `position` must be open for H/p x W/p and D. attention: NULL, or (n, heads, P) floats that receive how the class token
   attends to the patches in that block (from 1 on; the class token's attention to itself is left out).
   The mean of patches is op_mean_tokens(t, x, 1, P), the class token op_mean_tokens(t, x, 0, 1). */
struct var *encoder_features(const struct encoder *e, struct tape *t, const struct pos_embed *position, const uint8_t *images, int n, int H, int W, int block, float *attention);

/* The same outputs, after all blocks and the final norm, for training on top: on the tape unless the encoder is frozen,
   with drop path drawn from `noise` for each image. noise NULL, or a frozen encoder: nothing is dropped. */
struct var *encoder_train(const struct encoder *e, struct tape *t, const struct pos_embed *position, const uint8_t *images, int n, int H, int W, const struct noise *noise);

/* Drop path of block i of x (n, ., D) in the tape's arena; NULL: none. */
const struct block_drop *encoder_drop_path(const struct encoder *e, struct tape *t, int i, int n, const struct noise *noise);

/* How deep a parameter of that name lies in an encoder of `depth` blocks: 0 the embedding, i + 1 block i,
   depth + 1 the final norm; -1: it is not the encoder's. */
int encoder_layer(const char *name, int depth);

#endif
