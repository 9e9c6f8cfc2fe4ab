/* pca - the first three principal components of the patch features of several images, as colors

   The components are the eigenvectors of the covariance sum (x - mean) (x - mean)^T of all patches with the largest
   eigenvalues. It has double precision and is divided by its trace, so that an eigenvalue is the fraction of the
   variance that its component explains. Everything is summed in a fixed order. */
#include "viz/pca.h"
#include "viz/eigen.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS = 4,	/* patches that are added to the covariance at a time */
	DIM_MAX = 8192,
	GRAY = 128	/* of a component without variance */
};
static const long VALUES_MAX = 1L << 28;	/* of the features of all images: 1 GiB */
static const double NO_VARIANCE = 1e-12;	/* of the squared length of all patches: the rounding of floats */
static const double SAME_LOADING = 1e-6;	/* relative difference of loadings that may come from rounding */
static const double TAIL = 0.01;		/* fraction of the patches below color 0, and above 255 */
static const double NARROW = 1e-6;		/* of the range of a component: the rest may come from rounding */

static long
patches(const struct pca_image *p)
{
	return p->rows * p->columns;
}

int
pca_add(struct pca *p, const struct tensor *t, long rows, long columns)
{
	const long count = tensor_count(t), dim = t->shape[1];
	const float *x = t->data;
	long i;

	assert(rows > 0 && columns > 0 && rows * columns == t->shape[0]);
	if (dim < 1 || dim > DIM_MAX)
		return err(ERR_DATA, "field 'feature': %ld values per patch; 1 to %d are possible", dim, DIM_MAX);
	if (p->count && dim != p->dim)
		return err(ERR_DATA, "field 'feature': %ld values per patch, but %ld in the first image; principal "
			"components need features of one model", dim, p->dim);
	if (count > VALUES_MAX - p->patches * dim)
		return err(ERR_USAGE, "the patch features of %d images are larger than 1 GiB; use --limit for fewer",
			p->count + 1);
	for (i = 0; i < count; i++)
		if (!isfinite(x[i]))
			return err(ERR_DATA, "field 'feature': value %ld of patch %ld is not finite", i % dim, i / dim);
	p->images = arena_room(&p->arena, p->images, &p->room, (size_t)p->count + 1, sizeof *p->images);
	p->images[p->count++] = (struct pca_image){ rows, columns,
		arena_copy(&p->arena, x, mem_product((size_t)count, sizeof *x)), NULL };
	p->dim = dim;
	p->patches += rows * columns;
	return 0;
}

/* The mean of all patches; returns the sum of their squared lengths. The mean is the first patch plus the mean of the
   differences from it: exact where all patches are equal. */
static double
find_mean(const struct pca *p, double *mean)
{
	const float *first = p->images[0].x;
	double squares = 0;
	long i, k, d;

	memset(mean, 0, (size_t)p->dim * sizeof *mean);
	for (i = 0; i < p->count; i++)
		for (k = 0; k < patches(&p->images[i]); k++) {
			const float *x = p->images[i].x + k * p->dim;

			for (d = 0; d < p->dim; d++) {
				mean[d] += (double)x[d] - (double)first[d];
				squares += (double)x[d] * (double)x[d];
			}
		}
	for (d = 0; d < p->dim; d++)
		mean[d] = (double)first[d] + mean[d] / (double)p->patches;
	return squares;
}

/* Add ROWS centered patches (ROWS, D) to the upper triangle of c (D, D). */
static void
add_rows(double *restrict c, const double *restrict rows, long D)
{
	const double *r0 = rows, *r1 = rows + D, *r2 = rows + 2 * D, *r3 = rows + 3 * D;
	long i, k;

	for (i = 0; i < D; i++)
		for (k = i; k < D; k++)
			c[i * D + k] += r0[i] * r0[k] + r1[i] * r1[k] + r2[i] * r2[k] + r3[i] * r3[k];
}

/* The covariance of all patches times their number, divided by its trace, which is returned; 0: all are equal. */
static double
find_covariance(const struct pca *p, const double *mean, double *c)
{
	const long D = p->dim;
	double *rows = mem_array((size_t)D, ROWS * sizeof *rows), trace = 0;
	long i, k, d, n = 0;

	for (i = 0; i < p->count; i++)
		for (k = 0; k < patches(&p->images[i]); k++) {
			for (d = 0; d < D; d++)
				rows[n * D + d] = (double)p->images[i].x[k * D + d] - mean[d];
			if (++n == ROWS) {
				add_rows(c, rows, D);
				n = 0;
			}
		}
	memset(rows + n * D, 0, (size_t)((ROWS - n) * D) * sizeof *rows);
	add_rows(c, rows, D);
	free(rows);
	for (d = 0; d < D; d++)
		trace += c[d * D + d];
	for (i = 0; trace > 0 && i < D; i++)
		for (k = i; k < D; k++)
			c[k * D + i] = c[i * D + k] /= trace;
	return trace;
}

/* Make the largest loading of component v positive. Of loadings that differ by rounding only, the first counts. */
static void
set_sign(double *v, long D)
{
	double largest = 0;
	long d;

	for (d = 0; d < D; d++)
		if (fabs(v[d]) > fabs(largest) * (1 + SAME_LOADING))
			largest = v[d];
	for (d = 0; largest < 0 && d < D; d++)
		v[d] = -v[d];
}

static int
ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The value at a fraction of n sorted values, between two of them linearly interpolated. */
static double
percentile(const double *sorted, long n, double fraction)
{
	const double at = fraction * (double)(n - 1);
	const long i = (long)at, next = i + 1 < n ? i + 1 : i;

	return sorted[i] + (at - (double)i) * (sorted[next] - sorted[i]);
}

/* x: the coordinate of each patch along component v. */
static void
project(const struct pca *p, const double *mean, const double *v, double *x)
{
	long k, d;
	int i;

	for (i = 0; i < p->count; i++)
		for (k = 0; k < patches(&p->images[i]); k++, x++)
			for (*x = 0, d = 0; d < p->dim; d++)
				*x += ((double)p->images[i].x[k * p->dim + d] - mean[d]) * v[d];
}

/* Scale a component of all patches to colors. */
static void
set_colors(const struct pca *p, const double *x, int color)
{
	const long n = p->patches;
	double *sorted = mem_array((size_t)n, sizeof *sorted), low, high;
	long k;
	int i;

	memcpy(sorted, x, (size_t)n * sizeof *sorted);
	qsort(sorted, (size_t)n, sizeof *sorted, ascending);
	low = percentile(sorted, n, TAIL);
	high = percentile(sorted, n, 1 - TAIL);
	if (high - low <= NARROW * (sorted[n - 1] - sorted[0])) {
		low = sorted[0];
		high = sorted[n - 1];
	}
	free(sorted);
	for (i = 0; i < p->count; i++)
		for (k = 0; k < patches(&p->images[i]); k++, x++) {
			const double y = high > low ? (*x - low) / (high - low) : 0.5;

			p->images[i].colors[k][color] = (uint8_t)(255 * (y < 0 ? 0 : y > 1 ? 1 : y) + 0.5);
		}
}

void
pca_fit(struct pca *p)
{
	const size_t D = (size_t)p->dim;
	double *mean = mem_array(D, sizeof *mean), *c = mem_array(D, D * sizeof *c), values[PCA_COLORS],
		*v = mem_array(D, sizeof *v * PCA_COLORS), *x = mem_array((size_t)p->patches, sizeof *x);
	const double squares = find_mean(p, mean), trace = find_covariance(p, mean, c);
	const int n = trace > 0 ? eigen_largest(c, p->dim, PCA_COLORS, v, values) : 0;
	int i;

	for (i = 0; i < p->count; i++) {
		const size_t count = (size_t)patches(&p->images[i]), size = sizeof *p->images[i].colors;

		p->images[i].colors = memset(arena_array(&p->arena, count, size), GRAY, count * size);
	}
	while (p->components < n && values[p->components] * trace > NO_VARIANCE * squares) {
		double *component = v + p->components * p->dim;

		set_sign(component, p->dim);
		project(p, mean, component, x);
		set_colors(p, x, p->components);
		p->variance[p->components] = values[p->components];
		p->components++;
	}
	free(mean);
	free(c);
	free(v);
	free(x);
}

void
pca_free(struct pca *p)
{
	arena_free(&p->arena);
	*p = (struct pca){ 0 };
}
