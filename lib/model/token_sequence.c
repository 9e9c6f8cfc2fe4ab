/* token_sequence - the input of a transformer: tokens, visible or masked patches, position embedding */
#include "model/token_sequence.h"
#include "base/mem.h"
#include "base/rng.h"
#include "nn/op.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* mask_index - the patches of each pass */

struct mask_index
mask_index_build(struct tape *t, const uint8_t *masks, int n, int P, int M)
{
	const int V = P - M;
	int *visible = tape_array(t, mem_product((size_t)n, (size_t)V), sizeof *visible);
	int *masked = tape_array(t, mem_product((size_t)n, (size_t)M), sizeof *masked);
	const struct mask_index m = {
		.n = n, .P = P, .V = V, .M = M, .K = M, .Q = M,
		.visible = visible, .masked = masked, .student = masked, .predicted = masked
	};
	int i, k;

	for (i = 0; i < n; i++) {
		for (k = 0; k < P; k++)
			if (masks[(size_t)i * (size_t)P + (size_t)k])
				*masked++ = k;
			else
				*visible++ = k;
		assert(masked == m.masked + (i + 1) * M);
	}
	return m;
}

/* The patches of rank below `count`, ascending. rank (P): index of a patch in the random order; P: not masked. */
static void
below(const int *rank, int P, int count, int *out)
{
	int k;

	for (k = 0; k < P; k++)
		if (rank[k] < count)
			*out++ = k;
}

void
mask_index_draw(struct mask_index *m, struct tape *t, int K, int Q, const struct noise *noise)
{
	const int most = K > Q ? K : Q, least = K < Q ? K : Q;
	const struct rng *streams;
	int *student, *predicted, *common, *rank;
	long *order;
	int i, k, at;

	assert(K >= 1 && K <= m->M && Q >= 1 && Q <= m->M);
	if (K == m->M && Q == m->M)
		return;
	streams = noise_streams(noise, t, m->n, "student");
	m->student = student = tape_array(t, mem_product((size_t)m->n, (size_t)K), sizeof *student);
	m->predicted = predicted = tape_array(t, mem_product((size_t)m->n, (size_t)Q), sizeof *predicted);
	m->common = common = tape_array(t, mem_product((size_t)m->n, (size_t)least), sizeof *common);
	order = tape_array(t, (size_t)m->M, sizeof *order);
	rank = tape_array(t, (size_t)m->P, sizeof *rank);
	for (i = 0; i < m->n; i++) {
		struct rng stream = streams[i];

		for (k = 0; k < m->M; k++)
			order[k] = m->masked[i * m->M + k];
		rng_shuffle(&stream, order, m->M);
		for (k = 0; k < m->P; k++)
			rank[k] = m->P;
		for (k = 0; k < m->M; k++)
			rank[order[k]] = k;
		below(rank, m->P, K, student + i * K);
		below(rank, m->P, Q, predicted + i * Q);
		for (k = 0, at = 0; k < m->P; k++) {
			if (rank[k] < least)
				*common++ = at;
			at += rank[k] < most;
		}
	}
	m->K = K;
	m->Q = Q;
}

/* pos_embed - sine-cosine table */

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
	p->table = mem_array(mem_product(mem_product((size_t)rows, (size_t)columns), (size_t)D), sizeof *p->table);
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

/* token_sequence - segments to rows of op_pick() */

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
	pick.index = index = tape_array(t, mem_product((size_t)n, (size_t)L), sizeof *index);
	pick.position = position = tape_array(t, mem_product((size_t)n, (size_t)L), sizeof *position);
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

/* A learned position table for another grid: separable bicubic filter with antialiasing

   Output i lies at (i + 1/2) s - 1/2 of the input, s = input / output size. Its taps are the inputs within 2 max(s, 1);
   weight k(distance / max(s, 1)) with Keys' cubic, a = -1/2, divided by their sum. Taps outside do not count. */

static double
cubic(double x)
{
	x = fabs(x);
	return x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/* The weights of the inputs for output i: `w` of them from the returned index on, *count of them. */
static int
find_taps(int from, int to, int i, double *w, int *count)
{
	const double step = (double)from / to, stretch = step > 1 ? step : 1, center = step * (i + 0.5);
	const double low = center - 2 * stretch + 0.5, high = center + 2 * stretch + 0.5;
	const int first = low > 0 ? (int)low : 0, end = high < from ? (int)high : from;
	double sum = 0;
	int k;

	for (k = first; k < end; k++)
		sum += w[k - first] = cubic((k - center + 0.5) / stretch);
	for (k = 0; k < end - first; k++)
		w[k] /= sum;
	*count = end - first;
	return first;
}

/* Resample axis `from` of a table (outer, from, inner) to `to`. */
static void
resample_axis(const double *x, int outer, int from, int to, int inner, double *y)
{
	double *w = mem_array((size_t)from + 1, sizeof *w);
	int i, k, o, d, count;

	for (i = 0; i < to; i++) {
		const int first = find_taps(from, to, i, w, &count);

		for (o = 0; o < outer; o++) {
			double *row = y + ((size_t)o * (size_t)to + (size_t)i) * (size_t)inner;

			memset(row, 0, (size_t)inner * sizeof *row);
			for (k = 0; k < count; k++)
				for (d = 0; d < inner; d++)
					row[d] += w[k] * x[((size_t)o * (size_t)from + (size_t)(first + k)) *
					    (size_t)inner + (size_t)d];
		}
	}
	free(w);
}

void
pos_embed_resample(const float *table, int from, int rows, int columns, int D, float *out)
{
	const size_t in_count = (size_t)from * (size_t)from * (size_t)D,
	    count = (size_t)rows * (size_t)columns * (size_t)D;
	double *x, *wide, *y;
	size_t i;

	if (rows == from && columns == from) {
		memcpy(out, table, count * sizeof *out);
		return;
	}
	x = mem_array(in_count, sizeof *x);
	wide = mem_array(mem_product(mem_product((size_t)from, (size_t)columns), (size_t)D), sizeof *wide);
	y = mem_array(count, sizeof *y);
	for (i = 0; i < in_count; i++)
		x[i] = (double)table[i];
	resample_axis(x, from, from, columns, D, wide);
	resample_axis(wide, 1, from, rows, columns * D, y);
	for (i = 0; i < count; i++)
		out[i] = (float)y[i];
	free(x);
	free(wide);
	free(y);
}
