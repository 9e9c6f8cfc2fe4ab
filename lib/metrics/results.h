/* results - ground truth and results in the files of COCO and VOC: read them, and write an evaluation as such files */
#ifndef METRICS_RESULTS_H
#define METRICS_RESULTS_H

#include "base/err.h"
#include "metrics/evaluation.h"

#include <stdbool.h>
#include <stddef.h>

/* Fill an empty evaluation with COCO ground truth (instances_*.json) and seal it. Keys are the file names. With
   rules->masks, boxes keep the byte range of their object for results_read_masks(). Dropped annotations are counted in
   s->notes. -1 and err(ERR_DATA or ERR_INPUT) with path: as coco_index_read(), or a file name that occurs twice. */
ERR_CHECK int results_read_gt(struct evaluation *s, const char *path, const struct evaluation_rules *rules);

/* Append the detections of a COCO results file; an empty list is accepted. The evaluation must be sealed and its images
   must have ids. -1 and err(): as above; an image or class that the ground truth lacks (with intersect: dropped and
   counted). */
ERR_CHECK int results_read_coco(struct evaluation *s, const char *path, const struct evaluation_rules *rules);

/* Read the masks of boxes that came from this COCO file with rules->masks; the area of a detection becomes that of its
   mask. -1 and err(ERR_DATA or ERR_INPUT) with path and byte: no mask, a mask of another size, an image of unknown
   size. */
ERR_CHECK int results_read_masks(struct evaluation *s, struct evaluation_boxes *boxes, bool detections,
	const char *path);

/* Append the detections of a folder of VOC files compN_det_SET_CLASS.txt, one for each class: lines "image score left
   top right bottom", in pixels from 1, ends inclusive. The evaluation must be sealed. -1 and err(): a malformed line; a
   class with no file or two; a class or image that the ground truth lacks (with intersect: dropped). */
ERR_CHECK int results_read_voc(struct evaluation *s, const char *folder, const struct evaluation_rules *rules);

/* True if a folder contains such files. */
bool results_has_voc(const char *folder);

/* Count the pixels of every PNG of a folder (gray or palette; the value is the index of the class in the ground truth)
   against the ground-truth map of its image, found by name. The evaluation must be sealed. -1 and err(ERR_DATA or
   ERR_INPUT): not such a PNG, damaged, another size than the ground truth, a value that is no class, an image twice or
   one that the ground truth lacks (with intersect: dropped and counted). */
ERR_CHECK int results_read_segmaps(struct evaluation *s, const char *folder, const struct evaluation_rules *rules);

/* Write the detections as a COCO results file, or the ground truth as a COCO annotation file. Images without ids get 1,
   2 ... in the order of the ground truth. -1 and err(ERR_OUTPUT). */
ERR_CHECK int results_write_coco(const struct evaluation *s, const char *path);
ERR_CHECK int results_write_gt(const struct evaluation *s, const char *path);

/* Write comp4_det_NAME_CLASS.txt for each class into a folder, which is created. -1 and err(): ERR_OUTPUT; ERR_DATA:
   the name of an image or class cannot be written in such files. */
ERR_CHECK int results_write_voc(const struct evaluation *s, const char *folder, const char *name);

/* The same as results_read_...() from memory (messages without a path). */
ERR_CHECK int results_parse_gt(struct evaluation *s, const void *bytes, size_t size,
	const struct evaluation_rules *rules);
ERR_CHECK int results_parse_coco(struct evaluation *s, const void *bytes, size_t size,
	const struct evaluation_rules *rules);
ERR_CHECK int results_parse_voc(struct evaluation *s, char *text, int class, const struct evaluation_rules *rules);

#endif
