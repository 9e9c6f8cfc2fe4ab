/* degrade - make an image worse in a chain of steps: JPEG, down and up again, blur, noise; in place

   A chain is written `jpeg=30,downup=2,noise=5..10`: a value, or two between which one is drawn evenly.
     jpeg=Q      compressed to JPEG of quality Q, 1 .. 100, and back (whole numbers; chroma halved below 90)
     downup=F    resized to 1/F of its sides, 1 .. 64, and back, both bicubic (image/resize.h)
     blur=S      Gaussian of deviation S pixels, 0 .. 32 (image/blur.h)
     noise=S     normal noise of deviation S added to each byte, 0 .. 255, rounded and clipped */
#ifndef TRANSFORM_DEGRADE_H
#define TRANSFORM_DEGRADE_H

#include "base/rng.h"
#include "codec/image.h"

enum { DEGRADE_STEPS_MAX = 16, DEGRADE_TEXT = 512 };

struct degrade {
	int count;
	struct degrade_step { int kind; double least, most; } steps[DEGRADE_STEPS_MAX];
};

/* Read a chain; an empty one does nothing. -1 and err(ERR_USAGE). */
int degrade_read(struct degrade *d, const char *chain);

/* Do it. `done` is the chain with the values that were drawn. -1 and err(ERR_DATA): too large for a JPEG file. */
int degrade_image(const struct degrade *d, struct rng *r, struct arena *a, const struct image *p, char done[DEGRADE_TEXT]);

#endif
