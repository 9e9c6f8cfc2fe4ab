/* bilinear - resampling a map row by row, corner centers not aligned (PyTorch: align_corners=False)

   Point i of `to` points lies at s = (i + 0.5) from / to - 0.5 of `from`, at least 0: y[i] = (1 - f) x[low] + f
   x[high], low = floor(s), f = s - low, high = low + 1 or, at the end, low. The same along rows and columns. */
#ifndef NN_BILINEAR_H
#define NN_BILINEAR_H

#include <stdbool.h>

struct bilinear {
	int low, high;
	float f;	/* weight of high */
};

/* Point i of `to` points over `from`. */
struct bilinear bilinear_point(int i, int from, int to);

/* All points of a row: table (to). */
void bilinear_table(struct bilinear *table, int from, int to);

/* y (to, C) = the row `row` of x (., W, C) at the points of `columns`; with `add` it is added to y. work: W C
   floats. */
void bilinear_row(struct bilinear row, const struct bilinear *columns, int to, const float *x, int W, int C,
	float *work, bool add, float *y);

/* Backward: dx (., W, C) += dy (to, C), each element to its four sources, by their weights. */
void bilinear_row_back(struct bilinear row, const struct bilinear *columns, int to, const float *dy, int W, int C,
	float *work, float *dx);

#endif
