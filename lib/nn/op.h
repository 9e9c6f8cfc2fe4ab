/* op - the operations a model is written with: pure functions on a tape

   Every op returns a new variable. Its file has the formula on top, then forward, backward and the shape rule;
   tests/grad_ops.h has a row for it. An op pushes itself with all of its inputs: any of them may be a parameter. Inputs
   without dx are constants. Wrong shapes abort the program and are printed. N images, L tokens, D channels, H heads, K
   keys; x (..., D) is read as rows of D. */
#ifndef NN_OP_H
#define NN_OP_H

#include "base/rng.h"
#include "nn/tape.h"

#include <stdbool.h>
#include <stdint.h>

enum act { ACT_NONE, ACT_RELU, ACT_GELU };

/* linear.c: y = act(x w' + b); x (..., I), w (O, I) or any shape whose first dimension is O and whose rest
   multiplies to I, b (O) or NULL; y (..., O). With `residual` (same shape as y, NULL: none; only ACT_NONE)
   y = residual + x w' + b, written in one pass (beta = 1 product). GELU is the erf form. */
struct var *op_linear(struct tape *t, struct var *x, struct var *w, struct var *b, enum act act);
struct var *op_linear_add(struct tape *t, struct var *x, struct var *w, struct var *b, struct var *residual);

/* view.c: `count` rows of w from row `from` on, no copy; gradient goes to the rows of w. w must be a parameter
   (always filled) or a constant. (Used for the q, k rows and the v rows of a packed qkv weight or bias.) */
struct var *op_rows(struct tape *t, struct var *w, int from, int count);
/* The same memory as another shape, no copy; a loss must not depend on both x and the result. */
struct var *op_reshape(struct tape *t, struct var *x, int rank, int d0, int d1, int d2, int d3);
/* Stop-gradient: the same values as a constant. */
struct var *op_detach(struct tape *t, struct var *x);

/* norm.c: layer norm over the last dimension, y = (x - mean) / sqrt(var + eps) * gamma + beta, biased variance.
   gamma, beta (D). op_norm_add: *sum = a + b (a variable of its own), y = norm(*sum). */
struct var *op_norm(struct tape *t, struct var *x, struct var *gamma, struct var *beta, float eps);
struct var *op_norm_add(struct tape *t, struct var *a, struct var *b, struct var *gamma, struct var *beta, float eps,
	struct var **sum);
/* Batch norm over all rows: y = (x - mean) / sqrt(biased var + eps) * gamma + beta; x (..., D). gamma NULL: 1,
   beta NULL: 0. */
struct var *op_batchnorm(struct tape *t, struct var *x, struct var *gamma, struct var *beta, float eps);

/* attention.c: softmax(q k' / sqrt(D/H) + key_bias) v per image and head. A part is D columns of a wider
   variable (packed qkv). q (N, L, .), k and v (N, K, .). key_bias: K floats added to every logit of that key
   (ln K of a folded token; NULL: none), or -INFINITY. drop: probability of dropping an attention weight
   (0: none), image n drawing from rng[n] (N of them, copied). y (N, L, D). */
struct part { struct var *v; int column; };
struct var *op_attention(struct tape *t, struct part q, struct part k, struct part v, int D, int H,
	const float *key_bias, float drop, const struct rng *rng);
/* The attention weights alone, for figures: out (N, H, L, K) floats. */
void op_attention_weights(struct part q, struct part k, int D, int H, const float *key_bias, float *out);

/* tokens.c: build a sequence from rows and tokens. Row l of image n of y (N, L, D), with i = index[n*L + l] (index[l]
   for all n if `shared`): i >= 0 is row i of image n of x (N, Lx, D); i < 0 is tokens[-1-i], a parameter of D values.
   If positions is not NULL and p = position[n*L + l] (position[l]) is at least 0, row p of the constant table
   positions (., D) is added. Backward adds to rows and tokens. index, position: N*L (or L) ints, which the caller
   keeps until backward. x may be NULL if only tokens are picked. */
struct pick {
	const int *index, *position;
	bool shared;
	const float *positions;
	struct var *const *tokens;
	int token_count;
};
struct var *op_pick(struct tape *t, struct var *x, int N, int L, int D, const struct pick *p);
/* Partition tokens (N, 1 + R C, D), class token first, of a grid R x C into windows of w x w (at most R and
   C): (N windows, 1 + w w, D), the class token in each window; and merge them again (each token from the first window
   that holds it, the mean of the class tokens). op_window_count: windows of an image. */
struct var *op_window(struct tape *t, struct var *x, int R, int C, int w);
struct var *op_unwindow(struct tape *t, struct var *x, int R, int C, int w);
int op_window_count(int R, int C, int w);
/* Their lists: of each row of the windows, count (1 + w w), the token; of each token, 1 + R C, the row of the windows
   (not of the class token). */
void op_window_split(int R, int C, int w, int *tokens);
void op_window_merge(int R, int C, int w, int *rows);
/* Mean over the tokens from .. from+count-1: x (N, L, D), y (N, D). */
struct var *op_mean_tokens(struct tape *t, struct var *x, int from, int count);

/* elementwise.c: y = a + b (same shape); y = max(x, 0); y = gelu(x), the erf form, for places where it does not follow
   a linear layer. Dropout: zero with probability p, scale the rest by 1/(1-p). Drop path: y = x + branch of the same
   shape; the branch of image n is dropped with probability p, else scaled by 1/(1-p). rng: one for each image
   (x->shape[0] of them, copied), so that the result does not depend on how the batch is cut. */
struct var *op_add(struct tape *t, struct var *a, struct var *b);
struct var *op_relu(struct tape *t, struct var *x);
struct var *op_gelu(struct tape *t, struct var *x);
struct var *op_dropout(struct tape *t, struct var *x, float p, const struct rng *rng);
struct var *op_drop_path(struct tape *t, struct var *x, struct var *branch, float p, const struct rng *rng);
/* y = sum of w[i] * loss[i] (rank 0). */
struct var *op_sum(struct tape *t, int count, struct var *const *losses, const float *weights);

/* Images (N, H, W, C), channels last. A convolution of 1x1 is op_linear, a layer norm over the channels op_norm.
   conv.c: 3x3, stride 1, zeros around; w (O, 3, 3, C): row, column, channel; b (O) or NULL; y (N, H, W, O). */
struct var *op_conv(struct tape *t, struct var *x, struct var *w, struct var *b);
/* Depth to space, x (N, H, W, 4 C) -> (N, 2 H, 2 W, C): channels (2 r + s) C .. go to row r, column s of
   each 2x2. After op_linear: a transposed convolution of 2x2, stride 2. */
struct var *op_shuffle(struct tape *t, struct var *x);
/* Max pooling of 2x2, stride 2: (N, ceil(H / 2), ceil(W / 2), C). */
struct var *op_pool(struct tape *t, struct var *x);
/* bilinear.c: x (N, H, W, C) resampled bilinearly to (N, h, w, C), centers of corners not aligned (bilinear.h); `add`
   (N, h, w, C; NULL: none) is added to it. */
struct var *op_upsample(struct tape *t, struct var *x, int h, int w, struct var *add);

/* Losses, rank 0. `scale` multiplies the sum: the caller passes 1 / (elements of the whole batch), so that
   micro-batches add up to the mean of the batch. Sums are computed in double, in a fixed order. */

/* distance_loss.c: scale * sum (x - target)^2; target is constant, same count. */
struct var *op_mse(struct tape *t, struct var *x, const float *target, float scale);
/* The same between two variables. */
struct var *op_mse_pair(struct tape *t, struct var *a, struct var *b, float scale);
/* crossentropy.c: scale * sum over rows of -sum_d softmax(target)_d log softmax(x)_d. Gradient flows to both
   (detach the target for a stop-gradient). entropy: if not NULL, receives the mean entropy of the target (nats). */
struct var *op_crossentropy(struct tape *t, struct var *x, struct var *target, float scale, double *entropy);
/* scale * sum over rows of weight[r] * -sum_c target_c log softmax(x)_c; the target is 1 -
   smoothing at label[r] and smoothing / C everywhere. label: R ints below C, which the caller keeps until backward;
   below 0: the row is ignored. weight: R floats, kept likewise; NULL: 1 each. correct: if not NULL, receives the sum of
   the weights of the rows whose argmax is the label. */
struct var *op_label_crossentropy(struct tape *t, struct var *x, const int *label, const float *weight, float smoothing,
	float scale, double *correct);
/* The same for segmentation maps. x (N, H, W, C) is resampled to h x w as op_upsample() does,
   but row by row; labels (N, h, w) bytes, those not below C are ignored. correct: the number of pixels whose argmax is
   the label. */
struct var *op_segmap_crossentropy(struct tape *t, struct var *x, const uint8_t *labels, int h, int w, float scale,
	double *correct);
/* scale * sum over rows of -cos(a, b). Gradient to both. */
struct var *op_cosine(struct tape *t, struct var *a, struct var *b, float scale);
/* infonce.c: a, b (N, M, D), normalized to unit length here. For slot m and image n: logits over images j of
   <a_nm, b_jm> / temperature, positive j = n; scale * sum of -log softmax, a as the anchor. */
struct var *op_infonce(struct tape *t, struct var *a, struct var *b, float temperature, float scale);

/* For each row of x (..., D) the row of bank (Q, D) with the largest cosine, as a constant of x's shape. */
struct var *op_nearest(struct tape *t, struct var *x, struct var *bank);

/* detection_loss.c: x (..., C) logits; target: of each row the class 0 .. C-1, FOCAL_NONE (background) or FOCAL_IGNORE
   (ignored); scale * sum of -alpha_t (1 - p_t)^gamma log p_t over rows and classes. */
enum { FOCAL_NONE = -1, FOCAL_IGNORE = -2 };
struct var *op_focal(struct tape *t, struct var *x, const int *target, float alpha, float gamma, float scale);
/* x (..., 4) logarithms of the distances left, top, right, bottom from a point to the edges of a box, at most
   GIOU_MOST; target: positive distances; scale * sum over rows of weight (1 - GIoU). Rows of weight 0 are ignored. */
#define GIOU_MOST 10	/* e^10 strides: beyond any image, far from overflow */
struct var *op_giou(struct tape *t, struct var *x, const float *target, const float *weight, float scale);
/* scale * sum over elements of weight * binary cross-entropy of sigmoid(x) with target (0 .. 1). target and
   weight as x; elements of weight 0 are ignored. */
struct var *op_bce(struct tape *t, struct var *x, const float *target, const float *weight, float scale);

/* recompute.c: y = block(t, x, arg), of the shape of x[0], keeping only the `count` inputs x[i] (at most 4): activation
   checkpointing. The block runs again during backward. Besides the inputs it may use parameters and constants, and rng
   only by value. */
struct var *op_recompute(struct tape *t, struct var *(*block)(struct tape *t, struct var *const *x, const void *arg),
	int count, struct var *const *x, const void *arg);

#endif
