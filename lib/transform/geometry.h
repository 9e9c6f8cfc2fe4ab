/* geometry - where the pixels of an image go: cut, resized, cut again, mirrored, padded

   `part` of the image that came is resized to width x height; the window that begins there at (left, top) becomes
   `placed`, a rectangle at the left top of the result, mirrored where `flip` says so; the rest of the result is
   padding. In coordinates, which are real and from 0 at the outer edge of the first pixel,
     x' = (x - part.left) width / part.width - left,  mirrored: x' = placed.width - that. */
#ifndef TRANSFORM_GEOMETRY_H
#define TRANSFORM_GEOMETRY_H

#include "transform/rect.h"
#include "transform/resize.h"

#include <stdbool.h>

struct geometry {
	struct rect part;	/* of the image that came, in its pixels */
	int width, height;	/* what the part becomes */
	int left, top;		/* of the window in it; from 0 */
	struct rect placed;	/* what the window covers of the result; its left and top are 0 */
	bool flip;		/* left and right of it are swapped */
};

/* Resize the part to the whole result. */
struct geometry geometry_resized_crop(struct rect part, int to_width, int to_height);

/* Resize the whole until it covers the result (shorter 0), or until its shorter side is `shorter`, which must then cover
   it, and take the middle. */
struct geometry geometry_center_crop(int width, int height, int shorter, int to_width, int to_height);

/* Resize the whole by `scale` times what lets it just fit into the result. 1: no more. What is smaller lies at the left
   top; of what is larger a random window is taken (r NULL: the left top one). Sides are rounded to whole pixels. */
struct geometry geometry_fit(struct rng *r, int width, int height, double scale, int to_width, int to_height);

/* The mapping above in four numbers: x' = map[0] + map[1] x, y' = map[2] + map[3] y. */
void geometry_affine(const struct geometry *p, double map[4]);

/* Make the result `to` of the image that came; padding is ImageNet's mean color, which a model sees as about 0.
   Work space comes from the arena and is handed back. */
void geometry_image(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from, enum resize_filter filter);

/* The same for a segmentation map (one channel): each pixel is that of `from` in which the center lies; padding is `fill`. */
void geometry_segmap(const struct geometry *p, struct arena *a, const struct image *to, const struct image *from, uint8_t fill);

/* Move a box (left, top, right, bottom; finite, not empty) and cut it to `placed`. How much of its area is left, 0 .. 1. */
double geometry_box(const struct geometry *p, const float from[4], float to[4]);

/* What of the image that came is seen: the window, rounded inwards to whole pixels (left and top down). */
struct rect geometry_visible(const struct geometry *p);

#endif
