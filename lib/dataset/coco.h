/* coco - COCO's files, read as a stream: ground truth (images, annotations, categories) and lists of results

   One object is in memory at a time. This is the only reader of such files: formats/annotations.md lists the odd cases and
   what becomes of them. Integers may be written as reals (426.0) or texts ("1"); null is as if the field was missing. */
#ifndef DATASET_COCO_H
#define DATASET_COCO_H

#include "dataset/coco_object.h"
#include "dataset/coco_segmentation.h"

#include <stdbool.h>
#include <stddef.h>

struct coco_rules {
	bool results;		/* a list of results is expected, else ground truth */
	int (*each)(void *arg, enum coco_list list, const struct coco_object *o);	/* 0, or -1 and err() */
	void *arg;
};

/* Read a file, or bytes that are there. -1 and err(): ERR_INPUT; ERR_DATA with path and byte: not JSON, cut, not of COCO's
   form, a field of another type or twice in an object, or what the callback said. */
int coco_read(const char *path, const struct coco_rules *rules);
int coco_parse(const void *bytes, size_t size, const struct coco_rules *rules);

/* Read one object of a list (COCO_ANNOTATIONS or COCO_RESULTS) again from its bytes in a file, with its segmentation unless
   s is NULL. What coco_segmentation_free() has not been called for is used again. -1 and err() with path and byte. Safe side
   by side. */
int coco_read_object(int fd, const char *path, enum coco_list list, size_t begin, size_t end, struct coco_object *o, struct coco_segmentation *s);

#endif
