/* overlay - ground truth and predictions over an image, as cells of a contact sheet (formats/records.md, Labels,
   Predictions) */
#ifndef VIZ_OVERLAY_H
#define VIZ_OVERLAY_H

#include "base/err.h"
#include "base/mem.h"
#include "codec/image.h"
#include "stream/record.h"
#include "viz/class_color.h"
#include "viz/sheet.h"

#include <stdbool.h>

/* Draw the boxes of a record over its image `p`, if it has boxes: ground truth, dashed, or `predicted` ones of at
   least `score`, with their scores, but for those with an IoU of 0.5 or more with one of a higher score. *cell and
   *marks come from the arena; the classes go into the sheet's legend. -1 and err(ERR_DATA): an error of
   boxes_read(). */
int overlay_boxes(struct sheet *s, struct arena *a, const struct class_colors *c, const struct record *r,
	const struct image *p, bool predicted, double score, struct image *cell, struct sheet_marks *marks) ERR_CHECK;

/* Blend the segmentation map of a record with its image, in VOC's colors; its classes go into the legend. -1 and
   err(ERR_DATA): an error of segmap_read(). */
int overlay_labels(struct sheet *s, struct arena *a, const struct class_colors *c, const struct record *r,
	const struct image *p, bool predicted, struct image *cell) ERR_CHECK;

/* *text: "cat", or "cat, predicted dog 0.87", from the arena; NULL: the record has neither class nor prediction. -1 and
   err(ERR_DATA): an error of image_class_read() or image_class_read_score(). */
int overlay_class(struct arena *a, const struct class_colors *c, const struct record *r, const char **text) ERR_CHECK;

#endif
