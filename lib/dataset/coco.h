/* coco - read COCO files as a stream: ground truth (images, annotations, categories) and lists of results

   One object is in memory at a time. This is the only COCO reader: formats/annotations.md lists the odd cases and how
   they are treated. Integers may be written as reals (426.0) or strings ("1"), flags as 0, 1, 0.0, 1.0, true, false,
   "0" or "1"; null is the same as a missing field. */
#ifndef DATASET_COCO_H
#define DATASET_COCO_H

#include "base/err.h"
#include "dataset/coco_segmentation.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum coco_list {
	COCO_RESULTS = 1,	/* the file is a list: results */
	COCO_IMAGES = 2, COCO_ANNOTATIONS = 4, COCO_CATEGORIES = 8	/* the file is an object: ground truth */
};

/* Fields of an object. */
enum coco_field {
	COCO_ID = 1,
	COCO_IMAGE_ID = 2,
	COCO_CATEGORY_ID = 4,
	COCO_BBOX = 8,
	COCO_AREA = 16,
	COCO_SCORE = 32,
	COCO_ISCROWD = 64,
	COCO_IGNORE = 128,
	COCO_NAME = 256,
	COCO_FILE_NAME = 512,
	COCO_HEIGHT = 1024,
	COCO_WIDTH = 2048
};

struct coco_object {
	unsigned has;		/* sum of enum coco_field; missing fields are 0 or "" */
	int64_t id, image_id, category_id, height, width;
	bool iscrowd, ignore;
	double bbox[4];		/* left, top, width, height, in pixels from 0; of single precision's range */
	double area, score;	/* area: not negative, of that range; so is width x height where it is missing */
	const char *name, *file_name;	/* borrowed until the callback returns */
	size_t begin, end;	/* its bytes in the file */
};

struct coco_rules {
	bool results;		/* expect a list of results, else ground truth */
	int (*each)(void *arg, enum coco_list list, const struct coco_object *o);	/* 0, or -1 and err() */
	void *arg;
};

/* Read a file, or bytes in memory. -1 and err(): ERR_INPUT; ERR_DATA with path and byte: not JSON, cut, not in COCO's
   form, a field of another type or twice in an object, a box or an area beyond single precision, an error of the
   callback. */
int coco_read(const char *path, const struct coco_rules *rules) ERR_CHECK;
int coco_parse(const void *bytes, size_t size, const struct coco_rules *rules) ERR_CHECK;

/* Read one object of a list (COCO_ANNOTATIONS or COCO_RESULTS) again from its bytes in a file, with its segmentation
   unless s is NULL. The memory of *s is reused until coco_segmentation_free(). -1 and err() with path and byte.
   Thread-safe. */
int coco_read_object(int fd, const char *path, enum coco_list list, size_t begin, size_t end, struct coco_object *o,
	struct coco_segmentation *s) ERR_CHECK;

#endif
