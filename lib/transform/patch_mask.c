/* patch_mask - the patches of a grid that are masked from the teacher */
#include "transform/patch_mask.h"
#include "base/err.h"
#include "base/mem.h"
#include "stream/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int
patch_mask_visible(int P, double ratio)
{
	/* 1e-9: 64 * (1 - 0.9) and the like must not fall just below an integer */
	return (int)floor(P * (1 - ratio) + 1e-9);
}

/* Rows a of the lattice a x b = visible whose steps are closest to square; 0 if none is within a factor of 2. */
static int
lattice_rows(int rows, int columns, int visible)
{
	double best = log(2) + 1e-9, skew;
	int a, found = 0;

	for (a = 1; a <= rows && a <= visible; a++) {
		if (visible % a || visible / a > columns)
			continue;
		skew = fabs(log(((double)rows / a) / ((double)columns / (visible / a))));
		if (skew < best) {
			best = skew;
			found = a;
		}
	}
	return found;
}

int
patch_mask_check(enum patch_mask_kind kind, int rows, int columns, double ratio)
{
	int P, visible;

	/* far more than any image has; no product below overflows */
	if ((long)rows * columns > 1L << 28)
		return err(ERR_DATA, "%d x %d patches are too many", rows, columns);
	P = rows * columns;
	visible = patch_mask_visible(P, ratio);
	if (visible < 1 || visible >= P)
		return err(ERR_USAGE, "a mask ratio of %g leaves no %s patch of %d", ratio,
			visible < 1 ? "visible" : "masked", P);
	if (kind == PATCH_MASK_GRID && !lattice_rows(rows, columns, visible))
		return err(ERR_USAGE, "%d visible of %d x %d patches form no regular grid; use another mask ratio",
			visible, rows, columns);
	return 0;
}

/* Quickselect (Hoare): move the k smallest of n distinct numbers to the front, in any order. 0 < k < n. */
static void
select_smallest(uint64_t *x, int n, int k)
{
	int low = 0, high = n - 1;

	while (low < high) {
		const uint64_t middle = x[low + (high - low) / 2];
		int i = low, j = high;

		while (i <= j) {
			uint64_t swap;

			while (x[i] < middle)
				i++;
			while (middle < x[j])
				j--;
			if (i > j)
				break;
			swap = x[i];
			x[i++] = x[j];
			x[j--] = swap;
		}
		/* all up to j are below all from i on, and those between are in their final positions */
		if (k <= j)
			high = j;
		else if (k >= i)
			low = i;
		else
			return;
	}
}

static void
random_mask(int P, int visible, struct rng *r, uint8_t *mask)
{
	uint64_t *order = mem_array((size_t)P, sizeof *order);
	int i;

	/* the index in the low word breaks ties */
	for (i = 0; i < P; i++)
		order[i] = (uint64_t)rng_word(r) << 32 | (uint64_t)i;
	select_smallest(order, P, visible);
	memset(mask, 1, (size_t)P);
	for (i = 0; i < visible; i++)
		mask[order[i] & UINT32_MAX] = 0;
	free(order);
}

static int
clamp(double x, int low, int high)
{
	return x < low ? low : x > high ? high : (int)x;
}

static void
block_mask(int rows, int columns, int visible, struct rng *r, uint8_t *mask)
{
	/* BEiT: blocks of at least 16 patches, aspect between 0.3 and 1 / 0.3, log-uniform */
	const int min = 16;
	const double aspect = 0.3;
	int left = rows * columns - visible;

	memset(mask, 0, (size_t)(rows * columns));
	while (left > 0) {
		int max = left > min ? left : min;
		double area = min + rng_unit(r) * (max - min), slope = exp((2 * rng_unit(r) - 1) * log(1 / aspect));
		int h = clamp(round(sqrt(area * slope)), 1, rows), w = clamp(round(sqrt(area / slope)), 1, columns);
		int top = (int)rng_below(r, rows - h + 1), begin = (int)rng_below(r, columns - w + 1), i;

		for (i = 0; i < h * w && left > 0; i++) {
			uint8_t *m = &mask[(top + i / w) * columns + begin + i % w];

			left -= !*m;
			*m = 1;
		}
	}
}

static void
grid_mask(int rows, int columns, int visible, struct rng *r, uint8_t *mask)
{
	long a = lattice_rows(rows, columns, visible), b = visible / a, i;
	long down = rng_below(r, rows), across = rng_below(r, columns);

	memset(mask, 1, (size_t)(rows * columns));
	for (i = 0; i < visible; i++)
		mask[(down + i / b * rows / a) % rows * columns + (across + i % b * columns / b) % columns] = 0;
}

void
patch_mask_make(enum patch_mask_kind kind, int rows, int columns, double ratio, struct rng *r, uint8_t *mask)
{
	int visible = patch_mask_visible(rows * columns, ratio);

	if (kind == PATCH_MASK_RANDOM)
		random_mask(rows * columns, visible, r, mask);
	else
		(kind == PATCH_MASK_BLOCK ? block_mask : grid_mask)(rows, columns, visible, r, mask);
}

int
patch_mask_ratio(const struct header *h, double *ratio)
{
	const struct value *v = record_get(&h->extra, "mask_ratio");

	if (!v)
		return 0;
	*ratio = v->kind == VALUE_REAL ? v->real : v->kind == VALUE_INT ? (double)v->integer : NAN;
	return *ratio >= 0 && *ratio < 1 ? 1 :
		err(ERR_DATA, "the header's mask_ratio is not a number from 0 to below 1");
}
