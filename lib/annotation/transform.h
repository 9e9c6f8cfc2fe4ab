/* transform - boxes and segmentation maps through a crop, flip and resize, and predictions back

   `transform` (t0, t1, t2, t3) of a record takes the point (x, y) of the image as it was decoded to
   (t0 + t1 x, t2 + t3 y); `source_size` is the size of that image (formats/records.md). */
#ifndef ANNOTATION_TRANSFORM_H
#define ANNOTATION_TRANSFORM_H

#include "base/err.h"
#include "codec/image.h"
#include "stream/record.h"
#include "transform/geometry.h"

#include <stdbool.h>

struct transform {
	int width, height;	/* of every resulting image, in pixels */
	double visible;		/* boxes of which less of their area is left are dropped, 0 .. 1; crowds: never */
};

/* True if the record has the field `transform`: its image was cropped or resized. */
bool transform_has(const struct record *r);

/* Read the field `transform` and check it: the only validator. Without the field `map` is not changed. 1; 0: no field;
   -1 and err(ERR_DATA): another type or shape, a map that cannot be inverted. */
int transform_read(const struct record *r, double map[4]) ERR_CHECK;

/* Take `transform`, `source_size` and `placed` out of a record; out of a header. */
void transform_drop(struct record *r);
void transform_undeclare(struct header *h);

/* Change the header to that of the result. */
void transform_header(const struct transform *to, struct header *h);

/* Transform the ground truth of an image of width x height: boxes of which too little is left, or no area, are dropped;
   maps are padded with SEGMAP_IGNORE. `transform`, `source_size`, `placed` are put. Masks, attention, predictions and
   polygons are dropped (formats/records.md, "What tscae-crop does to fields").
   -1 and err(ERR_DATA): an error of boxes_read(), segmap_read() or transform_read(). */
int transform_record(const struct transform *to, struct record *r, const struct geometry *p, int width, int height)
	ERR_CHECK;

/* Cut the padding off the image of a record: only `placed` (left, top, width, height), if the record has it, is image.
   -1 and err(ERR_DATA): it is no rectangle of the image. */
int transform_cut_padding(const struct record *r, struct image *p) ERR_CHECK;

/* Change the header to that of the result of transform_back_record(): kind "label"; the only tensors are predictions
   and `size`. -1 and err(ERR_DATA): it has no transform. */
int transform_back_header(struct header *h) ERR_CHECK;

/* Transform predicted boxes and the predicted map back to the image as it was decoded. Boxes outside it are dropped;
   pixels that the crop did not show become SEGMAP_IGNORE; tensors other than predictions are dropped.
   -1 and err(ERR_DATA): an error of boxes_read(), segmap_read() or transform_read(); no transform, or no size to go
   back to. */
int transform_back_record(struct record *r) ERR_CHECK;

#endif
