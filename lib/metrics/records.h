/* records - truth and predictions from streams into a set (fields: formats/records.md, Labels and Predictions) */
#ifndef METRICS_RECORDS_H
#define METRICS_RECORDS_H

#include "dataset/label.h"
#include "metrics/evaluation.h"

enum records_side { RECORDS_TRUTH = 1, RECORDS_SAID = 2 };

/* Read what is true, what was predicted, or both (a sum of enum records_side) from a stream ("-": standard input).
   Truth makes the images; where it has come from elsewhere the set must be sealed, predictions go by key. With truth the
   set is sealed afterwards. Of a stream's records all or none must have a part (class, boxes, segmentation map).
   -1 and err(ERR_DATA) with path and record: a field of another type or size, a class out of range, a score that is no
   number, classes that differ, a key twice, an image that the truth has not (unless restricted). */
int records_read(struct evaluation *s, const char *path, unsigned sides, const struct evaluation_rules *rules);

/* Fill an empty set with the truth in a folder of VOC (data/label.h), of all images or of a part ("val"), with `maps` that
   of pixels too, and seal it. What was mended or left out is counted in notes. -1 and err(). */
int records_read_voc(struct evaluation *s, const char *folder, const char *part, bool maps, const struct evaluation_rules *rules, struct label_notes *notes);

#endif
