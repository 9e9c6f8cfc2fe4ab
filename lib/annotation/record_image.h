/* record_image - the pixels of a field of a record as an image */
#ifndef ANNOTATION_RECORD_IMAGE_H
#define ANNOTATION_RECORD_IMAGE_H

#include "base/err.h"
#include "codec/image.h"
#include "stream/record.h"
#include "stream/tensor.h"

/* The field as an image of 1 to 16 channels of 8 or 16 bits, over the memory of the record. -1 and err(ERR_DATA). */
int record_image_read(const struct record *r, const char *name, struct image *p) ERR_CHECK;

/* The same as the tensor (H, W, C) of the record; NULL and err(ERR_DATA). Borrowed. */
const struct tensor *record_image_tensor(const struct record *r, const char *name);

#endif
