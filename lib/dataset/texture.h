/* texture - surfaces without end, as a function of the point alone */
#ifndef DATASET_TEXTURE_H
#define DATASET_TEXTURE_H

#include <stdint.h>

enum texture_kind { TEXTURE_SMOOTH, TEXTURE_GRAIN, TEXTURE_STRIPES, TEXTURE_DOTS, TEXTURE_CHECKS, TEXTURE_KINDS };

struct texture {
	enum texture_kind kind;
	double period;		/* in pixels */
	double angle;
	double contrast;	/* 0 .. 1 between its two colors */
	uint32_t salt;		/* of the noise */
};

/* Noise of that period: smooth, in [0, 1], uneven over three octaves. */
double texture_noise(double x, double y, double period, uint32_t salt);

/* How much of the second color is at a point, in [0, 1]; edges are soft over a pixel. */
double texture_at(const struct texture *t, double x, double y);

#endif
