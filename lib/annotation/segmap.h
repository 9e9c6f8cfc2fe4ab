/* segmap - the segmentation map of an image: the class of each pixel, as a field of a record

   Ground truth is `labels`, a prediction `predicted_labels` (formats/records.md). */
#ifndef ANNOTATION_SEGMAP_H
#define ANNOTATION_SEGMAP_H

#include "base/err.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stdint.h>

/* The ignore index: a pixel that no loss and no score counts; in a prediction: nothing is predicted there. */
enum { SEGMAP_IGNORE = 255 };

enum segmap_kind { SEGMAP_GT, SEGMAP_PREDICTED, SEGMAP_KINDS };

/* The name of the field. */
const char *segmap_name(enum segmap_kind kind);

/* True if the record has a map of that kind. */
bool segmap_has(const struct record *r, enum segmap_kind kind);

/* Check the values of a map, (height, width): each is below `classes` or is SEGMAP_IGNORE. The only validator, of files
   too. -1 and err(ERR_DATA) with the first other value and its pixel. */
int segmap_check(const uint8_t *map, long height, long width, int classes) ERR_CHECK;

/* Read the map of a record and check it: the only validator. Returns u1 (H, W), borrowed from the record.
   `height`, `width`: of the image, in pixels; 0: any size. `classes`: number of classes for segmap_check(); 0: not
   known, every label is accepted. NULL and err(ERR_DATA): no map, another type, size or label. */
ERR_CHECK const struct tensor *segmap_read(const struct record *r, enum segmap_kind kind, long height, long width,
	int classes);

/* Put a map of that size, not zeroed, in place of the record's. Returns its pixels, (height, width). */
uint8_t *segmap_put(struct record *r, enum segmap_kind kind, long height, long width);

/* True if a header declares the map; declare it (0: the size varies); take it out. */
bool segmap_declared(const struct header *h, enum segmap_kind kind);
void segmap_declare(struct header *h, enum segmap_kind kind, long height, long width);
void segmap_undeclare(struct header *h, enum segmap_kind kind);

#endif
