/* token_sequence - the input of a transformer: tokens, visible or masked patches, position embedding

   A sequence is a list of segments, such as [class token, mask tokens, visible patches]. The position embedding is
   the fixed 2-D sine-cosine table of MAE (He et al. 2022, util/pos_embed; formats/method.md, Patch embedding): the
   first half of the D channels encodes the column, the second half the row. Each half holds all sines, then all
   cosines: sin(position w_k), cos(position w_k), w_k = 1 / 10000^(k / (D/4)), k = 0 .. D/4-1. */
#ifndef MODEL_TOKEN_SEQUENCE_H
#define MODEL_TOKEN_SEQUENCE_H

#include "model/layer.h"
#include "nn/tape.h"

#include <stdint.h>

/* Patch indices of a micro-batch, ascending in each image. The mask of a record divides the P patches into V that the
   teacher sees and M that are masked from it. The student sees K of those M, and the decoder predicts Q of them. Both
   subsets are the beginning of one random order of the M patches, a function of (seed, step, key), so that the smaller
   one is a part of the larger one. */
struct mask_index {
	int n, P, V, M;			/* images; patches, visible and masked patches of each */
	int K, Q;			/* patches that the student sees; that the decoder predicts */
	const int *visible;		/* (n, V) */
	const int *masked;		/* (n, M) */
	const int *student;		/* (n, K), of the masked ones */
	const int *predicted;		/* (n, Q), of the masked ones */
	const int *common;		/* (n, min(K, Q)) indices of the smaller list's patches in the larger list */
};

/* Build the lists from `masks` (n, P; 1 = masked) in the tape's arena; K = Q = M: the student sees and the decoder
   predicts all masked patches. Every image has M masked patches (batch_put() checks it): asserts. */
struct mask_index mask_index_build(struct tape *t, const uint8_t *masks, int n, int P, int M);

/* Draw the K patches of the student and the Q patches to predict, each from 1 to M. */
void mask_index_draw(struct mask_index *m, struct tape *t, int K, int Q, const struct noise *noise);

struct pos_embed {
	int rows, columns;	/* grid of patches */
	int D;			/* channels, a multiple of 4 */
	float *table;		/* (rows * columns, D), without the class token's row of zeros */
};

/* Compute the table; pos_embed_close() frees it. */
void pos_embed_open(struct pos_embed *p, int rows, int columns, int D);
void pos_embed_close(struct pos_embed *p);

/* Resample a table of `from` x `from` patches to rows x columns, bicubically with antialiasing, as timm's
   resample_abs_pos_embed does (torch's interpolate: align_corners=False, antialias=True). An equal grid is copied. */
void pos_embed_resample(const float *table, int from, int rows, int columns, int D, float *out);

/* `length` consecutive tokens of a sequence. */
struct token_segment {
	int token;		/* k > 0: each is tokens[k - 1] of the source */
	int from;		/* token 0: rows from, from + 1, ... of each image */
	int length;
	const int *rows;	/* (n, length), NULL: the rows instead of those; -k is tokens[k - 1] */
	const int *positions;	/* (n, length): rows of the position table to add, -1 for none; NULL: none at all */
};

enum { TOKEN_SOURCE_MAX = 17 };	/* a class token and 16 registers */

struct token_source {
	struct var *x;			/* (n, ., D); NULL where all segments are tokens */
	struct var *tokens[TOKEN_SOURCE_MAX];	/* D values each; NULL after the last */
	const float *pos_embed;		/* (., D) or NULL */
};

/* Build the sequence (n, sum of lengths, D) of `count` segments. */
struct var *token_sequence_build(struct tape *t, int n, int D, const struct token_source *from,
	const struct token_segment *segments, int count);

/* Rows from .. from+length-1 of every image: (n, length, D). */
struct var *token_sequence_slice(struct tape *t, struct var *x, int from, int length);

/* The rows of the list `rows` (n, length) of each image: (n, length, D). The list is kept until backward. */
struct var *token_sequence_select(struct tape *t, struct var *x, const int *rows, int length);

#endif
