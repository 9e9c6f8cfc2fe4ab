/* mask - the masks of COCO's files: polygons and run lengths of truth and results to pixels */
#ifndef SCORE_MASK_H
#define SCORE_MASK_H

#include "score/set.h"

/* Read the masks of boxes that came from this file with rules->masks; a found one's area becomes that of its mask. -1 and
   err(ERR_DATA or ERR_INPUT) with path and byte: no mask, one for a picture of another size, or a picture without size. */
int mask_read(struct set *s, struct set_boxes *boxes, bool found, const char *path);

#endif
