/* pca - the first three principal components of the patch features of several images, as colors

   Pearson, Phil. Mag. 2(11):559, 1901; as colors of patches: Oquab et al., DINOv2, arXiv:2304.07193, figure 1. */
#ifndef VIZ_PCA_H
#define VIZ_PCA_H

#include "base/err.h"
#include "base/mem.h"
#include "stream/tensor.h"

#include <stddef.h>
#include <stdint.h>

enum { PCA_COLORS = 3 };

/* The patches of an image, in row-major order. */
struct pca_image {
	long rows, columns;
	const float *x;			/* (rows, columns, dim) */
	uint8_t (*colors)[PCA_COLORS];	/* red, green, blue of each patch; NULL before pca_fit() */
};

struct pca {
	struct arena arena;		/* owns what was added, and the results */
	struct pca_image *images;
	size_t room;
	int count;
	long dim, patches;		/* of all images; the total number */
	/* results of pca_fit() */
	int components;			/* that have variance: 0 .. 3 */
	double variance[PCA_COLORS];	/* fraction of the variance that each explains */
};

/* Add the patch features (rows * columns, D) of an image; they are copied. -1 and err(ERR_DATA): a value is not finite,
   or D differs from that of the first image or is not 1 .. 8192; err(ERR_USAGE): more than 1 GiB in all images. */
int pca_add(struct pca *p, const struct tensor *t, long rows, long columns) ERR_CHECK;

/* Fit the components to the patches of all images together, and set their colors: component 1 is red, 2 green, 3 blue.
   0 and 255 are the 1st and the 99th percentile of a component over all patches, or its minimum and maximum where these
   differ by less than 1e-6 of its range. The largest loading of a component is positive. A component without variance
   is 128 everywhere. */
void pca_fit(struct pca *p);

void pca_free(struct pca *p);

#endif
