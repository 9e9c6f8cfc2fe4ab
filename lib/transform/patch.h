/* patch - patchify and unpatchify: the samples of an image as one row of numbers for each patch, and back

   Patches are numbered row by row. A patch of C channels has C p p numbers in one of two orders: channel, row, column
   (the order of the patch embedding's weight (D, C, p, p)) or row, column, channel (pixel targets and predictions, as
   in MAE). Numbers are (sample / 255 - mean) / std of the channel; of 16 bits sample / 65535. */
#ifndef TRANSFORM_PATCH_H
#define TRANSFORM_PATCH_H

#include "base/err.h"
#include "base/opt.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stdint.h>

/* imagenet: mean .485 .456 .406, std .229 .224 .225 (torchvision's constants)
   half:     0.5 and 0.5 (Inception's, used by many published ViTs) */
#define PATCH_SCALE_LIST(X) X(PATCH_IMAGENET, "imagenet") X(PATCH_HALF, "half")

enum patch_scale { PATCH_SCALE_LIST(OPT_CONSTANT) PATCH_SCALES };

enum { PATCH_CHANNELS_MAX = 16 };

/* The samples of an image, and how they become numbers. */
struct patch_pixels {
	int channels;	/* 1 .. PATCH_CHANNELS_MAX */
	int bytes;	/* of a sample: 1; 2: uint16_t */
	double mean[PATCH_CHANNELS_MAX], std[PATCH_CHANNELS_MAX];	/* by channel, for samples from 0 to 1 */
};

/* Set mean and std of p->channels channels: ImageNet's (3 channels) or 0.5. */
void patch_scale(enum patch_scale scale, struct patch_pixels *p);

/* Bytes of a pixel. */
int patch_pixel_bytes(const struct patch_pixels *p);

/* Is an image with so many channels, and bytes of a sample, one of these? -1 and err(ERR_DATA) with the remedy. */
int patch_check(const struct patch_pixels *p, long channels, long bytes) ERR_CHECK;

/* ImageNet's mean as a color of 3 channels, or of 1: about 0 after normalization. */
void patch_mean(int channels, uint8_t color[3]);

struct patch {
	int H, W;		/* image, in pixels; multiples of p */
	int p;			/* patch size, in pixels */
	const struct patch_pixels *pixels;
};

/* Number of patches of an image. */
int patch_count(const struct patch *g);

/* The `count` patches of the indices `index` of `image` (H, W, C) in channel, row, column order: out (count, C p p).
   index NULL: patches 0 .. count-1. */
void patch_read(const struct patch *g, const uint8_t *image, const int *index, int count, float *out);

/* The `count` patches of the indices `index` in row, column, channel order: out (count, C p p). With `norm`, each
   patch is normalized by its own mean and sqrt(unbiased variance + 1e-6) (He et al. 2022, norm_pix_loss). */
void patch_target(const struct patch *g, const uint8_t *image, const int *index, int count, bool norm, float *out);

/* The reverse: write predictions (count, C p p; row, column, channel) into `image` at those patches, rounded and
   clamped to samples. `norm` reverts the normalization with mean and variance of the patch of `image` that is
   overwritten. */
void patch_write(const struct patch *g, const float *rows, const int *index, int count, bool norm, uint8_t *image);

/* Mean and standard deviation of the channels of many images, from counts of their values. The counts are integers, so
   the result does not depend on the order of the images. */
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
