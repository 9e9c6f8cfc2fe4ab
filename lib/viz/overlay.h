/* overlay - what is true of an image, and what a model said of it, as cells of a contact sheet (formats/records.md, Labels, Predictions) */
#ifndef VIZ_OVERLAY_H
#define VIZ_OVERLAY_H

#include "viz/sheet.h"
#include "stream/record.h"

/* The boxes of a record over its image `p`, where it has them: `said` false: true ones, dashed; else predicted ones of at
   least `score`, with it. *cell and *marks from the arena; the classes go into the sheet's legend. -1 and err(ERR_DATA):
   numbers that are not finite, a box that ends before it begins. */
int overlay_boxes(struct sheet *s, struct arena *a, const struct header *h, const struct record *r, const struct image *p, bool said, double score, struct image *cell, struct sheet_marks *marks);

/* The segmentation map of a record mixed with its image, in VOC's colors; its classes go into the legend. -1 and err(ERR_DATA): of another size. */
int overlay_labels(struct sheet *s, struct arena *a, const struct header *h, const struct record *r, const struct image *p, bool said, struct image *cell);

/* "cat", or "cat, said dog 0.87", from the arena; NULL where the record has neither. */
const char *overlay_class(struct arena *a, const struct header *h, const struct record *r);

#endif
