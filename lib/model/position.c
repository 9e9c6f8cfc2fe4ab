/* position - the fixed 2-D sine-cosine table (He et al. 2022, util/pos_embed; formats/method.md, Patch embedding) */
#include "model/position.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* half the channels: sines, then cosines, of one place */
static void
fill_half(float *out, int place, int quarter)
{
	int k;

	for (k = 0; k < quarter; k++) {
		double angle = place / pow(10000, (double)k / quarter);

		out[k] = (float)sin(angle);
		out[quarter + k] = (float)cos(angle);
	}
}

void
pos_embed_open(struct pos_embed *p, int rows, int columns, int D)
{
	int i;

	assert(D % 4 == 0 && rows > 0 && columns > 0);
	*p = (struct pos_embed){ rows, columns, D, mem_new((size_t)rows * (size_t)columns * (size_t)D * sizeof(float)) };
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
