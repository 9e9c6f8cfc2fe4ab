/* blur - Gaussian blur

   Along rows, then along columns: y[i] = sum of g(t) x[i + t] / sum of g(t), g(t) = exp(-t t / (2 sigma sigma)), over
   |t| <= 4 sigma + 1/2 (as SciPy's gaussian_filter cuts it) as far as the image goes. Each pass is rounded to bytes. */
#ifndef TRANSFORM_BLUR_H
#define TRANSFORM_BLUR_H

#include "codec/image.h"

/* Blur in place; sigma in pixels, 0: nothing happens. Work space comes from the arena and is handed back. */
void blur(struct arena *a, const struct image *p, double sigma);

#endif
