/* bilinear - resampling a map row by row, corner centers not aligned */
#include "nn/bilinear.h"
#include "kernel/kernel.h"

#include <string.h>

struct bilinear
bilinear_point(int i, int from, int to)
{
	const double s = (i + 0.5) * from / to - 0.5, at = s < 0 ? 0 : s;
	const int low = (int)at < from ? (int)at : from - 1;

	return (struct bilinear){ low, low + 1 < from ? low + 1 : low, (float)(at - low) };
}

void
bilinear_table(struct bilinear *table, int from, int to)
{
	int i;

	for (i = 0; i < to; i++)
		table[i] = bilinear_point(i, from, to);
}

void
bilinear_row(struct bilinear row, const struct bilinear *columns, int to, const float *x, int W, int C, float *work,
	bool add, float *y)
{
	const float *low = x + (long)row.low * W * C, *high = x + (long)row.high * W * C;
	int i, c;

	for (i = 0; i < W * C; i++)
		work[i] = (1 - row.f) * low[i] + row.f * high[i];
	for (i = 0; i < to; i++, y += C) {
		const float f = columns[i].f, *a = work + (long)columns[i].low * C,
		    *b = work + (long)columns[i].high * C;

		for (c = 0; c < C; c++)
			y[c] = (add ? y[c] : 0) + ((1 - f) * a[c] + f * b[c]);
	}
}

void
bilinear_row_back(struct bilinear row, const struct bilinear *columns, int to, const float *dy, int W, int C,
	float *work, float *dx)
{
	int i;

	memset(work, 0, sizeof *work * (size_t)W * (size_t)C);
	for (i = 0; i < to; i++, dy += C) {
		kernel_axpy(C, 1 - columns[i].f, dy, work + (long)columns[i].low * C);
		kernel_axpy(C, columns[i].f, dy, work + (long)columns[i].high * C);
	}
	kernel_axpy((long)W * C, 1 - row.f, work, dx + (long)row.low * W * C);
	kernel_axpy((long)W * C, row.f, work, dx + (long)row.high * W * C);
}
