/* records - ground truth and predictions of streams, read into an evaluation (fields: formats/records.md) */
#ifndef METRICS_RECORDS_H
#define METRICS_RECORDS_H

#include "base/err.h"
#include "dataset/label.h"
#include "metrics/evaluation.h"

#include <stdbool.h>

enum records_content { RECORDS_GT = 1, RECORDS_PREDICTIONS = 2 };

/* Read ground truth, predictions or both (a sum of enum records_content) from a stream ("-": standard input). Ground
   truth creates the images and seals the evaluation; predictions alone need a sealed evaluation and are matched by key.
   All records or none must have a class, boxes, a segmentation map. -1 and err(ERR_DATA) with path and record: a field
   of another type or size, a class out of range, a score that is not finite, different classes, a key that occurs
   twice, an image that the ground truth lacks (with intersect: dropped). */
ERR_CHECK int records_read(struct evaluation *s, const char *path, unsigned content,
	const struct evaluation_rules *rules);

/* Fill an empty evaluation with the ground truth of a VOC folder (dataset/label.h) and seal it: all images or those of
   a split ("val"), with `segmaps` also their segmentation maps. Repairs are counted in notes. -1 and err(). */
ERR_CHECK int records_read_voc(struct evaluation *s, const char *folder, const char *split, bool segmaps,
	const struct evaluation_rules *rules, struct label_notes *notes);

#endif
