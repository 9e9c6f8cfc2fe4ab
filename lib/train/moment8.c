/* moment8 - a moment of AdamW in 8 bits: one code per number, one scale per block of 256 */
#include "train/moment8.h"
#include "base/mem.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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
		.codes = mem_block(mem_product(p->size, sizeof *m->codes)),
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
