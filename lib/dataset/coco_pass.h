/* coco_pass - one pass over the annotations of COCO */
#ifndef DATASET_COCO_PASS_H
#define DATASET_COCO_PASS_H

#include "dataset/coco.h"

/* Read c->fd to its end and fill images, annotations and categories in the order of the file.
   -1 and err() "byte N: ...". */
int coco_pass(struct coco *c);

#endif
