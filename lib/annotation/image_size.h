/* image_size - height and width of the image of a record: of its pixels, or without pixels the field `size`

   Boxes and segmentation maps refer to it (formats/records.md). */
#ifndef ANNOTATION_IMAGE_SIZE_H
#define ANNOTATION_IMAGE_SIZE_H

#include "base/err.h"
#include "stream/record.h"

enum { IMAGE_SIZE_MAX = 1000000 };	/* pixels: upper limit of the height and width that an annotation states */

/* Read the field `size` and check it: the only validator. Height and width are at least 1; without the field they are
   not changed. 1; 0: no field; -1 and err(ERR_DATA): another type or shape, not positive. */
int image_size_field(const struct record *r, int *height, int *width) ERR_CHECK;

/* The size of the image: of the field `image`, else image_size_field(). 1; 0: neither, nothing is changed; -1 and
   err(). */
int image_size_read(const struct record *r, int *height, int *width) ERR_CHECK;

/* Put the field `size`; take it out. */
void image_size_put(struct record *r, int height, int width);
void image_size_drop(struct record *r);

/* Declare the field in a header; take it out. */
void image_size_declare(struct header *h);
void image_size_undeclare(struct header *h);

#endif
