/* geometry - crop, resize, flip and pad: the map from the pixels of a source image to those of a result

   The rectangle `part` of the source is resized to width x height. The window at (left, top) of that becomes `placed`,
   the rectangle of the result that is not padding, flipped horizontally if `flip`. In real coordinates, 0 at the outer
   edge of the first pixel,
     x' = (x - part.left) width / part.width - left;  with flip: x' = placed.width - that.
   Rectangles are chosen as torchvision's RandomResizedCrop, Resize and CenterCrop choose them, with random numbers of
   this program. Only + - * / sqrt and rounding to even are used: the same on every machine. */
#ifndef TRANSFORM_GEOMETRY_H
#define TRANSFORM_GEOMETRY_H

#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "transform/resize.h"

#include <stdbool.h>
#include <stdint.h>

struct rect { int left, top, width, height; };

/* RandomResizedCrop: a rectangle of scale[0] to scale[1] of the image's area and an aspect ratio (width / height) from
   ratio[0] to ratio[1], its logarithm uniform; after ten attempts that do not fit, the largest centered one. */
struct rect rect_random(struct rng *r, int width, int height, const double scale[2], const double ratio[2]);

/* The same; false if none of the ten attempts fits. */
bool rect_try(struct rng *r, int width, int height, const double scale[2], const double ratio[2], struct rect *out);

/* Size of the whole image when its shorter side becomes `shorter`; the longer one is truncated to whole pixels. */
void rect_shorter(int width, int height, int shorter, int *to_width, int *to_height);

struct geometry {
	struct rect part;	/* of the source, in its pixels */
	int width, height;	/* size that the part is resized to */
	int left, top;		/* of the window in the resized part; from 0 */
	struct rect placed; /* size of the window, at left = top = 0 of the result; the rest of the result is padding */
	bool flip;		/* horizontally */
};

/* Resize the part to the whole result. */
struct geometry geometry_resized_crop(struct rect part, int to_width, int to_height);

/* Resize the whole image until it covers the result (shorter 0), or until its shorter side is `shorter`, which must
   then cover it, and crop the center. */
struct geometry geometry_center_crop(int width, int height, int shorter, int to_width, int to_height);

/* Resize the whole image by `scale` times the largest factor with which it fits into the result (1: letterbox). A
   smaller image lies at the top left; a larger one is cropped at random (r NULL: at the top left). Sizes are rounded
   to whole pixels. */
struct geometry geometry_fit(struct rng *r, int width, int height, double scale, int to_width, int to_height);

/* The map above in four numbers: x' = map[0] + map[1] x, y' = map[2] + map[3] y. */
void geometry_affine(const struct geometry *p, double map[4]);

/* Make the result `to` from the source image; padding is ImageNet's mean color, which a model sees as about 0.
   Work space comes from the arena and is handed back. */
void geometry_image(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from,
	enum resize_filter filter);

/* The same for a segmentation map (one channel): each pixel is the pixel of `from` in which its center lies; padding
   is `fill`. */
void geometry_segmap(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from,
	uint8_t fill);

/* Map a box (left, top, right, bottom; finite, not empty) and clip it to `placed`. Returns the fraction of its area
   that is left, 0 .. 1. */
double geometry_box(const struct geometry *p, const float from[4], float to[4]);

/* The window in pixels of the source, rounded inward to whole pixels (left and top down). */
struct rect geometry_visible(const struct geometry *p);

#endif
