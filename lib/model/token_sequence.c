/* token_sequence - a transformer's input put together from segments: tokens, rows of another variable, positions */
#include "model/token_sequence.h"

/* what stands at place l of image n in this segment */
static int
content(const struct segment *s, int n, int l)
{
	return s->token ? -s->token : s->rows ? s->rows[n * s->length + l] : s->from + l;
}

struct var *
token_sequence_build(struct tape *t, int n, int D, const struct source *from, const struct segment *segments, int count)
{
	struct source *kept = tape_keep(t, sizeof *kept);
	struct pick pick = { 0 };
	int i, l, s, L = 0, *index, *place;

	*kept = *from;
	for (s = 0; s < count; s++)
		L += segments[s].length;
	pick.index = index = tape_keep(t, (size_t)(n * L) * sizeof *index);
	pick.place = place = tape_keep(t, (size_t)(n * L) * sizeof *place);
	for (i = 0; i < n; i++)
		for (s = 0; s < count; s++)
			for (l = 0; l < segments[s].length; l++) {
				*index++ = content(&segments[s], i, l);
				*place++ = segments[s].places ? segments[s].places[i * segments[s].length + l] : -1;
			}
	pick.positions = kept->positions;
	pick.tokens = kept->tokens;
	pick.token_count = kept->tokens[1] ? 2 : kept->tokens[0] ? 1 : 0;
	return op_pick(t, from->x, n, L, D, &pick);
}

struct var *
token_sequence_slice(struct tape *t, struct var *x, int from, int length)
{
	const struct source source = { .x = x };
	const struct segment segment = { .from = from, .length = length };

	return token_sequence_build(t, x->shape[0], x->shape[2], &source, &segment, 1);
}
