/* patch - patchify and unpatchify: the bytes of an image as one row of numbers for each patch, and back

   Patches are numbered row by row. A patch has 3 p p numbers in one of two orders: channel, row, column (the order of
   the patch embedding's weight (D, 3, p, p)) or row, column, channel (pixel targets and predictions, as in MAE).
   Numbers are (byte / 255 - mean) / std of the channel. */
#ifndef TRANSFORM_PATCH_H
#define TRANSFORM_PATCH_H

#include <stdbool.h>
#include "base/opt.h"

#include <stdint.h>

/* imagenet: mean .485 .456 .406, std .229 .224 .225 (torchvision's constants)
   half:     0.5 and 0.5 (Inception's, used by many published ViTs) */
#define PATCH_SCALE_LIST(X) X(PATCH_IMAGENET, "imagenet") X(PATCH_HALF, "half")

enum patch_scale { PATCH_SCALE_LIST(OPT_CONSTANT) PATCH_SCALES };

/* Mean and standard deviation of each scale, by channel, for pixels from 0 to 1. */
extern const struct patch_statistics { double mean[3], std[3]; } patch_statistics[PATCH_SCALES];

/* ImageNet's mean as a color of 3 channels, or of 1: about 0 after normalization. */
void patch_mean(int channels, uint8_t color[3]);

struct patch {
	int H, W;		/* image, in pixels; multiples of p */
	int p;			/* patch size, in pixels */
	enum patch_scale scale;
};

/* Number of patches of an image. */
int patch_count(const struct patch *g);

/* The `count` patches of the indices `index` of `image` (H, W, 3) in channel, row, column order: out (count, 3 p p).
   index NULL: patches 0 .. count-1. */
void patch_read(const struct patch *g, const uint8_t *image, const int *index, int count, float *out);

/* The `count` patches of the indices `index` in row, column, channel order: out (count, 3 p p). With `norm`, each
   patch is normalized by its own mean and sqrt(unbiased variance + 1e-6) (He et al. 2022, norm_pix_loss). */
void patch_target(const struct patch *g, const uint8_t *image, const int *index, int count, bool norm, float *out);

/* The reverse: write predictions (count, 3 p p; row, column, channel) into `image` at those patches, rounded and
   clamped to bytes. `norm` reverts the normalization with mean and variance of the patch of `image` that is
   overwritten. */
void patch_write(const struct patch *g, const float *rows, const int *index, int count, bool norm, uint8_t *image);

#endif
