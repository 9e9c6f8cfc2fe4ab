/* pos_embed_resample - a learned position table for another grid: separable bicubic filter with antialiasing

   Output i lies at (i + 1/2) s - 1/2 of the input, s = input / output size. Its taps are the inputs within 2 max(s, 1);
   weight k(distance / max(s, 1)) with Keys' cubic, a = -1/2, divided by their sum. Taps outside do not count. */
#include "base/mem.h"
#include "model/token_sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
	wide = mem_array((size_t)from * (size_t)columns * (size_t)D, sizeof *wide);
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
