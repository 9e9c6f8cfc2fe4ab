/* overlay - ground truth and predictions over an image, as cells of a contact sheet (formats/records.md, Labels,
   Predictions) */
#ifndef VIZ_OVERLAY_H
#define VIZ_OVERLAY_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"
#include "stream/record.h"
#include "viz/sheet.h"

#include <stdbool.h>

/* Draw the boxes of a record over its image `p`, if it has boxes: ground truth, dashed, or `predicted` ones of at
   least `score`, with their scores, but for those with an IoU of 0.5 or more with one of a higher score. *cell and
   *marks come from the arena; the classes go into the sheet's legend. -1 and err(ERR_DATA): numbers that are not
   finite, a box whose right or bottom is less than its left or top. */
int overlay_boxes(struct sheet *s, struct arena *a, const struct header *h, const struct record *r,
	const struct image *p,
	bool predicted, double score, struct image *cell, struct sheet_marks *marks) ERR_CHECK;

/* Blend the segmentation map of a record with its image, in VOC's colors; its classes go into the legend. -1 and
   err(ERR_DATA): the sizes differ. */
int overlay_labels(struct sheet *s, struct arena *a, const struct header *h, const struct record *r,
	const struct image *p,
	bool predicted, struct image *cell) ERR_CHECK;

/* "cat", or "cat, predicted dog 0.87", from the arena; NULL: the record has neither class nor prediction. */
const char *overlay_class(struct arena *a, const struct header *h, const struct record *r);

#endif
