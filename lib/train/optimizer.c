/* optimizer - AdamW, gradient clipping, learning-rate schedule */
#include "train/optimizer.h"
#include "base/mem.h"

#include <math.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* moment8 - numbers in 8 bits */

enum {
	LEVELS = 256, DECADES = 7,
	SHIFT = 19,			/* a cell of `first`: equal exponent and first 4 bits of the fraction */
	CELLS = (127 << 4) + 1		/* up to 1, whose exponent field is 127 */
};

/* levels in ascending order, and where to look for the nearest one */
static struct level_table {
	float level[LEVELS];
	float upper[LEVELS];		/* the middle between a level and the next one; the last: infinity */
	int zero;			/* code of 0 */
	uint8_t first[CELLS];		/* least code that a number of the cell can have */
} tables[2];				/* unsigned, signed */

static int
compare(const void *a, const void *b)
{
	const float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void
build(struct level_table *t, bool is_signed)
{
	static const double decades[DECADES] = { 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1 };
	int count = 0, c, cell;

	t->level[count++] = 0;
	t->level[count++] = 1;
	for (int i = 0; i < DECADES; i++) {
		const int parts = is_signed ? 1 << i : 2 << i;

		for (int j = 0; j < parts; j++) {
			const float x = (float)(decades[i] * (0.1 + 0.9 * (j + 0.5) / parts));

			t->level[count++] = x;
			if (is_signed)
				t->level[count++] = -x;
		}
	}
	qsort(t->level, LEVELS, sizeof *t->level, compare);
	for (c = 0; c < LEVELS; c++) {
		t->upper[c] = c + 1 < LEVELS ? (t->level[c] + t->level[c + 1]) / 2 : INFINITY;
		if (t->level[c] == 0)
			t->zero = c;
	}
	for (cell = 0, c = t->zero; cell < CELLS; cell++) {
		const uint32_t bits = (uint32_t)cell << SHIFT;
		float least;

		memcpy(&least, &bits, sizeof least);
		while (least > t->upper[c])
			c++;
		t->first[cell] = (uint8_t)c;
	}
}

static void
build_both(void)
{
	build(&tables[false], false);
	build(&tables[true], true);
}

/* code of the level nearest to x, 0 .. 1 */
static int
nearest(const struct level_table *t, float x)
{
	uint32_t bits;
	int c;

	memcpy(&bits, &x, sizeof bits);
	c = t->first[bits >> SHIFT];
	while (x > t->upper[c])
		c++;
	return c;
}

void
moment8_open(struct moment8 *m, const struct params *p, bool is_signed)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	size_t i;

	pthread_once(&once, build_both);
	*m = (struct moment8){
		.is_signed = is_signed,
		.codes = mem_block(p->size * sizeof *m->codes),
		.scales = mem_array(moment8_block(p, p->count), sizeof *m->scales)
	};
	for (i = 0; i < p->size; i++)
		m->codes[i] = (uint8_t)tables[is_signed].zero;
}

void
moment8_close(struct moment8 *m)
{
	mem_block_free(m->codes);
	free(m->scales);
	*m = (struct moment8){ 0 };
}

size_t
moment8_blocks(const struct param *q)
{
	return (q->count + MOMENT8_BLOCK - 1) / MOMENT8_BLOCK;
}

size_t
moment8_block(const struct params *p, int i)
{
	/* each parameter before this one has at most one block that is not full */
	return (i < p->count ? p->list[i].offset : p->size) / MOMENT8_BLOCK + (size_t)i;
}

void
moment8_read(const struct moment8 *m, size_t at, size_t block, int n, float *x)
{
	const float *level = tables[m->is_signed].level, scale = m->scales[block];
	const uint8_t *codes = m->codes + at;

	for (int i = 0; i < n; i++)
		x[i] = scale * level[codes[i]];
}

void
moment8_write(const struct moment8 *m, size_t at, size_t block, int n, const float *x)
{
	const struct level_table *t = &tables[m->is_signed];
	uint8_t *codes = m->codes + at;
	float scale = 0;
	int i;

	for (i = 0; i < n; i++)
		scale = fmaxf(scale, fabsf(x[i]));
	m->scales[block] = scale;
	for (i = 0; i < n; i++) {
		/* signed levels have a mirror image each, but for 1: -1 becomes the last one below it */
		const int code = scale > 0 ? nearest(t, fminf(fabsf(x[i]) / scale, 1)) : t->zero;
		const int mirrored = 2 * t->zero - code;

		if (x[i] < 0)
			codes[i] = (uint8_t)(mirrored < 0 ? 0 : mirrored);
		else
			codes[i] = (uint8_t)(code == t->zero && x[i] > 0 && !m->is_signed ? code + 1 : code);
	}
}

/* adamw - updates of the parameters */

/* factors of all elements of one update of a parameter */
struct adamw_factors {
	float beta1, beta2, eps;
	float lr;		/* lr / (1 - b1^t) */
	float root;		/* 1 / sqrt(1 - b2^t) */
	float scale;		/* of the gradient */
};

static void
update(const struct adamw_factors *f, float keep, float *restrict w, float *restrict m, float *restrict v,
	const float *restrict g, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		float d = f->scale * g[i];

		m[i] = f->beta1 * m[i] + (1 - f->beta1) * d;
		v[i] = f->beta2 * v[i] + (1 - f->beta2) * d * d;
		w[i] = keep * w[i] - f->lr * m[i] / (sqrtf(v[i]) * f->root + f->eps);
	}
}

/* update() of the blocks of parameter number i that begin in the floats from .. to-1 of the parameters */
static void
update_blocks(const struct adamw *a, const struct adamw_factors *f, float keep, struct params *p, int i,
	const float *g, size_t from, size_t to)
{
	const struct param *q = &p->list[i];
	const size_t first = moment8_block(p, i), blocks = moment8_blocks(q);
	float m[MOMENT8_BLOCK], v[MOMENT8_BLOCK];
	size_t j = from > q->offset ? (from - q->offset + MOMENT8_BLOCK - 1) / MOMENT8_BLOCK : 0;

	for (; j < blocks && q->offset + j * MOMENT8_BLOCK < to; j++) {
		const size_t start = j * MOMENT8_BLOCK, at = q->offset + start;
		const int n = (int)(q->count - start < MOMENT8_BLOCK ? q->count - start : MOMENT8_BLOCK);

		moment8_read(&a->m8, at, first + j, n, m);
		moment8_read(&a->v8, at, first + j, n, v);
		update(f, keep, p->values + at, m, v, g + at, (size_t)n);
		moment8_write(&a->m8, at, first + j, n, m);
		moment8_write(&a->v8, at, first + j, n, v);
	}
}

void
adamw_open(struct adamw *a, const struct params *p)
{
	a->updates = 0;
	if (a->moments == MOMENTS_8BIT) {
		moment8_open(&a->m8, p, true);
		moment8_open(&a->v8, p, false);
	} else {
		a->m = params_block(p);
		a->v = params_block(p);
	}
}

void
adamw_range(const struct adamw *a, struct params *p, const float *grads, double scale, double lr, long t, size_t from,
	size_t to)
{
	const double first = 1 - pow(a->beta1, (double)t);
	struct adamw_factors f = {
		.beta1 = (float)a->beta1, .beta2 = (float)a->beta2, .eps = (float)a->eps,
		.root = (float)(1 / sqrt(1 - pow(a->beta2, (double)t))),
		.scale = (float)scale
	};
	int i;

	for (i = 0; i < p->count; i++) {
		const struct param *q = &p->list[i];
		size_t low = q->offset > from ? q->offset : from;
		size_t high = q->offset + q->count < to ? q->offset + q->count : to;

		const double scaled_lr = lr * (double)q->lr_scale;
		const float keep = q->decay ? (float)(1 - scaled_lr * a->decay) : 1;

		f.lr = (float)(scaled_lr / first);
		if (low >= high || q->frozen)
			continue;
		if (a->moments == MOMENTS_8BIT)
			update_blocks(a, &f, keep, p, i, grads, from, to);
		else
			update(&f, keep, p->values + low, a->m + low, a->v + low, grads + low, high - low);
	}
}

void
adamw_update(struct adamw *a, struct params *p, const float *grads, double scale, double lr)
{
	a->updates++;
	adamw_range(a, p, grads, scale, lr, a->updates, 0, p->size);
}

double
adamw_scale(double norm, double clip)
{
	return clip > 0 && norm > clip ? clip / norm : 1;
}

void
adamw_close(struct adamw *a)
{
	params_block_free(a->m);
	params_block_free(a->v);
	a->m = a->v = NULL;
	moment8_close(&a->m8);
	moment8_close(&a->v8);
}

double
schedule_lr(const struct schedule *s, long step)
{
	double done;

	if (step < s->warmup)
		return s->peak * (double)(step + 1) / (double)s->warmup;
	if (step >= s->steps)
		return s->least;
	done = (double)(step - s->warmup) / (double)(s->steps - s->warmup);
	return s->least + (s->peak - s->least) * (1 + cos(M_PI * done)) / 2;
}
