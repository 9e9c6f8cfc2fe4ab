/* position - the fixed 2-D sine-cosine table (He et al. 2022, util/pos_embed; formats/method.md, Patch embedding)

   The first half of the D channels tells the column, the second the row. In each half all sines come first,
   then all cosines: sin(place w_k), cos(place w_k), w_k = 1 / 10000^(k / (D/4)), k = 0 .. D/4-1. */
#ifndef MODEL_POSITION_H
#define MODEL_POSITION_H

struct pos_embed {
	int rows, columns;	/* grid of patches */
	int D;			/* channels, a multiple of 4 */
	float *table;		/* (rows * columns, D); the class token's row of zeros is not in it */
};

/* Compute the table; pos_embed_close() frees it. */
void pos_embed_open(struct pos_embed *p, int rows, int columns, int D);
void pos_embed_close(struct pos_embed *p);

#endif
