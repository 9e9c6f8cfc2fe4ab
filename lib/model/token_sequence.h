/* token_sequence - a transformer's input put together from segments: tokens, rows of another variable, positions */
#ifndef MODEL_TOKEN_SEQUENCE_H
#define MODEL_TOKEN_SEQUENCE_H

#include "nn/op.h"

/* `length` places of the sequence. The content is tokens[token - 1] where token is 1, 2, ...; else rows `from`,
   from + 1, ... of the image, or, with `rows` (n, length), those rows (there, -k is again tokens[k - 1]).
   `places` (n, length): the row of the position table that is added, -1 or NULL for none. */
struct segment {
	int token;
	int from;
	int length;
	const int *rows, *places;
};

struct source {
	struct var *x;			/* (n, ., D) or NULL where only tokens are taken */
	struct var *tokens[2];		/* D values each */
	const float *positions;		/* (., D) or NULL */
};

/* The sequence (n, sum of lengths, D) of `count` segments. */
struct var *token_sequence_build(struct tape *t, int n, int D, const struct source *from, const struct segment *segments, int count);

/* Rows from .. from+length-1 of every image: (n, length, D). */
struct var *token_sequence_slice(struct tape *t, struct var *x, int from, int length);

#endif
