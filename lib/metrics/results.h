/* results - other programs' files into a set, and a set out as such files: COCO's truth and results, VOC's results */
#ifndef METRICS_RESULTS_H
#define METRICS_RESULTS_H

#include "metrics/evaluation.h"

/* Fill an empty set from COCO's truth (instances_*.json) and seal it. Keys are the names of the files. Masks are passed
   over, but with rules->masks boxes know where theirs stands: mask_read() reads it. What is left out is counted in s->notes.
   -1 and err(ERR_DATA or ERR_INPUT) with path: as coco_index_read(), or a name of a file twice. */
int results_read_truth(struct evaluation *s, const char *path, const struct evaluation_rules *rules);

/* Append the boxes of COCO's list of results; an empty one is fine. The set must be sealed and its images have
   numbers. -1 and err(): as above; an image or class that the truth has not is one unless restricted, then counted. */
int results_read_coco(struct evaluation *s, const char *path, const struct evaluation_rules *rules);

/* Append the boxes of a folder of VOC's files, compN_det_SET_CLASS.txt, one for each class: lines "image score left top
   right bottom", pixels from 1, the last one inside. The set must be sealed. -1 and err(): a line of another form, a
   class without file or with two, a file whose class or a line whose image the truth has not (unless restricted). */
int results_read_voc(struct evaluation *s, const char *folder, const struct evaluation_rules *rules);

/* True if a folder has such files. */
bool results_has_voc(const char *folder);

/* Write the found boxes as COCO's list of results, or the truth as COCO has it. Images without numbers get 1, 2 ... in
   the order of the truth. -1 and err(ERR_OUTPUT). */
int results_write_coco(const struct evaluation *s, const char *path);
int results_write_truth(const struct evaluation *s, const char *path);

/* Write comp4_det_NAME_CLASS.txt for each class into a folder, which is made. -1 and err(ERR_OUTPUT); ERR_DATA: a name of a
   image or class that such files cannot hold. */
int results_write_voc(const struct evaluation *s, const char *folder, const char *name);

/* As results_read_...(), from bytes that are there (no path in messages). */
int results_parse_truth(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules);
int results_parse_coco(struct evaluation *s, const void *bytes, size_t size, const struct evaluation_rules *rules);
int results_parse_voc(struct evaluation *s, char *text, int class, const struct evaluation_rules *rules);

#endif
