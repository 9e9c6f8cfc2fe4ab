/* token_sequence - the input of a transformer: tokens, visible or masked patches, position embedding */
#include "model/token_sequence.h"
#include "base/mem.h"
#include "nn/op.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

/* half of the channels: sines, then cosines, of one coordinate */
static void
fill_half(float *out, int position, int quarter)
{
	int k;

	for (k = 0; k < quarter; k++) {
		double angle = position / pow(10000, (double)k / quarter);

		out[k] = (float)sin(angle);
		out[quarter + k] = (float)cos(angle);
	}
}

void
pos_embed_open(struct pos_embed *p, int rows, int columns, int D)
{
	int i;

	assert(D % 4 == 0 && rows > 0 && columns > 0);
	*p = (struct pos_embed){ rows, columns, D, NULL };
	p->table = mem_array(mem_product((size_t)rows * (size_t)columns, (size_t)D), sizeof *p->table);
	for (i = 0; i < rows * columns; i++) {
		float *row = p->table + (size_t)i * (size_t)D;

		fill_half(row, i % columns, D / 4);
		fill_half(row + D / 2, i / columns, D / 4);
	}
}

void
pos_embed_close(struct pos_embed *p)
{
	free(p->table);
	*p = (struct pos_embed){ 0 };
}

/* the row that op_pick() takes for token l of this segment in image n */
static int
row_of(const struct token_segment *s, int n, int l)
{
	return s->token ? -s->token : s->rows ? s->rows[n * s->length + l] : s->from + l;
}

static int
position_of(const struct token_segment *s, int n, int l)
{
	return s->positions ? s->positions[n * s->length + l] : -1;
}

struct var *
token_sequence_build(struct tape *t, int n, int D, const struct token_source *from,
	const struct token_segment *segments, int count)
{
	struct token_source *kept = tape_keep(t, sizeof *kept);
	struct pick pick = { 0 };
	int i, l, s, L = 0, tokens = 0, *index, *position;

	*kept = *from;
	for (s = 0; s < count; s++)
		L += segments[s].length;
	pick.index = index = tape_keep(t, (size_t)(n * L) * sizeof *index);
	pick.position = position = tape_keep(t, (size_t)(n * L) * sizeof *position);
	for (i = 0; i < n; i++)
		for (s = 0; s < count; s++)
			for (l = 0; l < segments[s].length; l++) {
				*index++ = row_of(&segments[s], i, l);
				*position++ = position_of(&segments[s], i, l);
			}
	pick.positions = kept->pos_embed;
	pick.tokens = kept->tokens;
	while (tokens < TOKEN_SOURCE_MAX && kept->tokens[tokens])
		tokens++;
	pick.token_count = tokens;
	return op_pick(t, from->x, n, L, D, &pick);
}

struct var *
token_sequence_slice(struct tape *t, struct var *x, int from, int length)
{
	const struct token_source source = { .x = x };
	const struct token_segment segment = { .from = from, .length = length };

	return token_sequence_build(t, x->shape[0], x->shape[2], &source, &segment, 1);
}

struct var *
token_sequence_select(struct tape *t, struct var *x, const int *rows, int length)
{
	const struct token_source source = { .x = x };
	const struct token_segment segment = { .rows = rows, .length = length };

	return token_sequence_build(t, x->shape[0], x->shape[2], &source, &segment, 1);
}
