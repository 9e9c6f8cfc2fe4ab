/* coco_object - read one object of a COCO file: its fields, token by token */
#ifndef DATASET_COCO_OBJECT_H
#define DATASET_COCO_OBJECT_H

#include "base/err.h"
#include "base/mem.h"
#include "dataset/coco.h"
#include "json/json.h"

#include <stdbool.h>

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
   a field of another type or twice, a number out of range. */
int coco_object_take(struct coco_object_walk *w, const struct json_token *t, int depth) ERR_CHECK;

/* 0 if an object has all of these fields, else -1 and err(ERR_DATA) with the first missing one. */
int coco_object_need(const struct coco_object *o, unsigned fields) ERR_CHECK;

#endif
