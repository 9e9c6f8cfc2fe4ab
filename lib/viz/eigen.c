/* eigen - the largest eigenvalues of a symmetric matrix, and their eigenvectors

   Subspace iteration with Rayleigh-Ritz steps (Saad, Numerical Methods for Large Eigenvalue Problems, 2011, chapter 5):
   multiply an orthonormal block q (D, n) by the matrix c, turn it to the eigenvectors of q^T c q, make it orthonormal
   again. In each step, the error of eigenvector k shrinks by the ratio of eigenvalues n + 1 and k; if D <= n, the
   first step is exact. */
#include "viz/eigen.h"
#include "base/mem.h"
#include "base/rng.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	BLOCK = 32,		/* columns of the block */
	STEPS_MAX = 1000,	/* what has not converged then belongs to almost equal eigenvalues */
	SWEEPS_MAX = 50		/* of the Jacobi method; 8 or so suffice */
};
static const double TOLERANCE = 1e-10;		/* of the residual of an eigenvector, relative to its eigenvalue */
static const double ROUNDING = 1e-15;		/* of a residual, relative to the trace */
static const double DEPENDENT = 1e-14;		/* fraction of a column that is left beside the columns before it */
static const double NO_ROTATION = 1e-20;	/* element beside the diagonal, relative to the trace */

/* The product of columns i and k of q (D, n). */
static double
dot(const double *q, int i, int k, int n, long D)
{
	double sum = 0;
	long d;

	for (d = 0; d < D; d++)
		sum += q[d * n + i] * q[d * n + k];
	return sum;
}

/* Make the columns of q (D, n) orthonormal (Gram-Schmidt, twice for full precision); dependent ones become zero. */
static void
orthonormalize(double *q, int n, long D)
{
	int i, k, pass;
	long d;

	for (i = 0; i < n; i++)
		for (pass = 0; pass < 2; pass++) {
			const double before = sqrt(dot(q, i, i, n, D));
			double along, length;

			for (k = 0; k < i; k++)
				for (along = dot(q, i, k, n, D), d = 0; d < D; d++)
					q[d * n + i] -= along * q[d * n + k];
			length = sqrt(dot(q, i, i, n, D));
			for (d = 0; d < D; d++)
				q[d * n + i] = length > DEPENDENT * before ? q[d * n + i] / length : 0;
		}
}

static void
rotate(double *a, double *b, double cosine, double sine)
{
	const double x = *a, y = *b;

	*a = cosine * x - sine * y;
	*b = sine * x + cosine * y;
}

/* Eigenvalues (the diagonal of a) and eigenvectors (the rows of v) of a symmetric matrix a (n, n), by rotations
   (Jacobi, J. reine angew. Math. 30:51, 1846; formulas of Golub and Van Loan, Matrix Computations, section 8.5). */
static void
jacobi(double *a, double *v, int n)
{
	bool rotated = true;
	int i, k, m, sweep;

	for (i = 0; i < n * n; i++)
		v[i] = i % (n + 1) == 0;
	for (sweep = 0; rotated && sweep < SWEEPS_MAX; sweep++)
		for (rotated = false, i = 0; i < n - 1; i++)
			for (k = i + 1; k < n; k++) {
				const double x = a[i * n + k], gap = a[k * n + k] - a[i * n + i];
				double t, cosine, sine;

				if (fabs(x) < NO_ROTATION)
					continue;
				rotated = true;
				t = 2 * x / (gap + copysign(sqrt(gap * gap + 4 * x * x), gap));
				cosine = 1 / sqrt(1 + t * t);
				sine = t * cosine;
				for (m = 0; m < n; m++)
					rotate(&a[m * n + i], &a[m * n + k], cosine, sine);
				for (m = 0; m < n; m++) {
					rotate(&a[i * n + m], &a[k * n + m], cosine, sine);
					rotate(&v[i * n + m], &v[k * n + m], cosine, sine);
				}
			}
}

/* y (D, n) = c (D, D) q (D, n) */
static void
multiply(const double *c, const double *q, double *y, int n, long D)
{
	long d, k;
	int i;

	memset(y, 0, (size_t)(D * n) * sizeof *y);
	for (d = 0; d < D; d++)
		for (k = 0; k < D; k++)
			for (i = 0; i < n; i++)
				y[d * n + i] += c[d * D + k] * q[k * n + i];
}

/* Replace the columns of q (D, n) by those of q v^T, where the rows of v are taken in that order. */
static void
turn(double *q, const double *v, const int *order, int n, long D)
{
	double row[BLOCK];
	long d;
	int i, k;

	for (d = 0; d < D; d++) {
		memcpy(row, q + d * n, (size_t)n * sizeof *row);
		for (i = 0; i < n; i++)
			for (q[d * n + i] = 0, k = 0; k < n; k++)
				q[d * n + i] += v[order[i] * n + k] * row[k];
	}
}

/* A Rayleigh-Ritz step: with y = c q, turn the columns of both to the eigenvectors of q^T y, the largest eigenvalue
   first. */
static void
ritz(double *q, double *y, double *values, int n, long D)
{
	double small[BLOCK * BLOCK] = { 0 }, v[BLOCK * BLOCK];
	int order[BLOCK], i, k;
	long d;

	for (d = 0; d < D; d++)
		for (i = 0; i < n; i++)
			for (k = i; k < n; k++)
				small[i * n + k] += q[d * n + i] * y[d * n + k];
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			small[i * n + k] = small[k * n + i];
	jacobi(small, v, n);
	for (i = 0; i < n; i++) {
		for (k = i; k > 0 && small[order[k - 1] * (n + 1)] < small[i * (n + 1)]; k--)
			order[k] = order[k - 1];
		order[k] = i;
	}
	for (i = 0; i < n; i++)
		values[i] = small[order[i] * (n + 1)];
	turn(q, v, order, n, D);
	turn(y, v, order, n, D);
}

/* Whether the first `count` columns of q are eigenvectors, with y = c q. */
static bool
converged(const double *q, const double *y, const double *values, int n, long D, int count)
{
	double residual;
	long d;
	int i;

	for (i = 0; i < count; i++) {
		for (residual = 0, d = 0; d < D; d++)
			residual += pow(y[d * n + i] - values[i] * q[d * n + i], 2);
		if (sqrt(residual) > TOLERANCE * values[i] + ROUNDING)
			return false;
	}
	return true;
}

int
eigen_largest(const double *c, long D, int count, double *vectors, double *values)
{
	const int n = (int)(D < BLOCK ? D : BLOCK), found = n < count ? n : count;
	double *q = mem_array((size_t)D, (size_t)n * sizeof *q), *y = mem_array((size_t)D, (size_t)n * sizeof *y);
	double all[BLOCK];
	struct rng random = rng_at(0, 0, "eigen", "");
	long d;
	int i, step;

	for (d = 0; d < D * n; d++)
		q[d] = rng_unit(&random) - 0.5;
	for (step = 0; step < STEPS_MAX; step++) {
		orthonormalize(q, n, D);
		multiply(c, q, y, n, D);
		ritz(q, y, all, n, D);
		if (converged(q, y, all, n, D, found))
			break;
		memcpy(q, y, (size_t)(D * n) * sizeof *q);
	}
	for (i = 0; i < found; i++) {
		values[i] = all[i];
		for (d = 0; d < D; d++)
			vectors[i * D + d] = q[d * n + i];
	}
	free(q);
	free(y);
	return found;
}
