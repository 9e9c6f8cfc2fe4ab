/* mask - the masks of COCO's files: polygons and run lengths of truth and results to pixels */
#ifndef METRICS_MASK_H
#define METRICS_MASK_H

#include "metrics/evaluation.h"

/* Read the masks of boxes that came from this file with rules->masks; a found one's area becomes that of its mask. -1 and
   err(ERR_DATA or ERR_INPUT) with path and byte: no mask, one for an image of another size, or an image without size. */
int mask_read(struct evaluation *s, struct evaluation_boxes *boxes, bool found, const char *path);

#endif
