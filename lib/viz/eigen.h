/* eigen - the largest eigenvalues of a symmetric matrix, and their eigenvectors; in double precision */
#ifndef VIZ_EIGEN_H
#define VIZ_EIGEN_H

/* c: a symmetric matrix (D, D) of trace 1 without negative eigenvalues, D from 1. vectors: (count, D), orthonormal, the
   largest eigenvalue first; values: count. Returns their number: count (up to 32), or D if that is less. Equal bytes on
   each call. */
int eigen_largest(const double *c, long D, int count, double *vectors, double *values);

#endif
