/* degrade - degrade an image by a list of operations: JPEG, downsampling, blur, noise; in place

   The list is written `jpeg=30,downup=2,noise=5..10`: a value, or a range from which one is drawn uniformly.
     jpeg=Q      compress to JPEG of quality Q, 1 .. 100, and decode (integers; chroma is subsampled below 90)
     downup=F    resize to 1/F of width and height, 1 .. 64, and back, both bicubic (transform/resize.h)
     blur=S      Gaussian blur with a sigma of S pixels, 0 .. 32 (transform/resize.h)
     noise=S     add normal noise with standard deviation S, 0 .. 255, to each byte, rounded and clipped */
#ifndef TRANSFORM_DEGRADE_H
#define TRANSFORM_DEGRADE_H

#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"

enum { DEGRADE_STEPS_MAX = 16, DEGRADE_TEXT = 512 };

struct degrade {
	int count;
	struct degrade_step {
		int op;		/* index into the table of degrade.c */
		double min, max;
	} steps[DEGRADE_STEPS_MAX];
};

/* Read a list of operations; an empty one changes nothing. -1 and err(ERR_USAGE). */
int degrade_read(struct degrade *d, const char *list) ERR_CHECK;

/* Apply the operations. `done` becomes the list with the values that were drawn. -1 and err(ERR_DATA): too large for a
   JPEG file. */
int degrade_image(const struct degrade *d, struct rng *r, struct arena *a, const struct image *p,
	char done[DEGRADE_TEXT]) ERR_CHECK;

#endif
