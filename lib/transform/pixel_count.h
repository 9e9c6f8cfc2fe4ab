/* pixel_count - mean and standard deviation of the channels of many images, from counts of their values

   The counts are whole numbers, so the result does not depend on the order of the images. */
#ifndef TRANSFORM_PIXEL_COUNT_H
#define TRANSFORM_PIXEL_COUNT_H

#include "base/err.h"
#include "codec/image.h"
#include "transform/patch.h"

#include <stdint.h>

struct pixel_count {
	int channels, bytes;	/* of the images; 0: no image yet */
	uint64_t pixels;
	uint64_t *values;	/* (channels, 256 or 65536) how often a channel has each value; owned */
};

/* Add the pixels of an image; begin with { 0 }. -1 and err(ERR_DATA): it has other channels or another depth than the
   first one. */
int pixel_count_add(struct pixel_count *c, const struct image *p) ERR_CHECK;

/* Mean and standard deviation (divided by the number of pixels) of each channel, for samples from 0 to 1. There is at
   least one pixel. The standard deviation of a channel of one value is 0. */
struct patch_pixels pixel_count_statistics(const struct pixel_count *c);

void pixel_count_free(struct pixel_count *c);

#endif
