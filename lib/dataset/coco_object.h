/* coco_object - parse one object of a COCO file */
#ifndef DATASET_COCO_OBJECT_H
#define DATASET_COCO_OBJECT_H

#include "base/mem.h"
#include "json/json.h"

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
	int64_t iscrowd, ignore;	/* 0: no */
	double bbox[4];		/* left, top, width, height, in pixels from 0 */
	double area, score;	/* area: not negative */
	const char *name, *file_name;	/* borrowed until the callback returns */
	size_t begin, end;	/* its bytes in the file */
};

/* State of the parser; begins as { .list = ..., .corners = -1 }. */
struct coco_object_walk {
	enum coco_list list;			/* the list of the object */
	struct coco_segmentation *segmentation;	/* filled; NULL: skipped */
	struct coco_object object;
	unsigned given;				/* fields read, including null */
	const struct coco_object_field *field;	/* of the next value; NULL: unknown, skipped */
	int corners;				/* numbers of the box so far; -1: not in a box */
	bool in_segmentation;
	struct arena text;			/* of the object; freed by the caller */
};

/* Process a token; `depth`: of the object. 1: the object is complete; 0: not yet; -1 and err(ERR_DATA): not an object,
   a field of another type or twice. */
int coco_object_take(struct coco_object_walk *w, const struct json_token *t, int depth);

/* 0 if an object has all of these fields, else -1 and err(ERR_DATA) with the first missing one. */
int coco_object_need(const struct coco_object *o, unsigned fields);

#endif
