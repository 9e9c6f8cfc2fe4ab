/* coco_object - one object of COCO's files: its fields, in whatever form they are written */
#ifndef DATASET_COCO_OBJECT_H
#define DATASET_COCO_OBJECT_H

#include "base/mem.h"
#include "dataset/coco_segmentation.h"
#include "json/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum coco_list {
	COCO_RESULTS = 1,	/* the file is a list: results */
	COCO_IMAGES = 2, COCO_ANNOTATIONS = 4, COCO_CATEGORIES = 8	/* the file is an object: ground truth */
};

/* What an object has. */
enum coco_field {
	COCO_ID = 1, COCO_IMAGE_ID = 2, COCO_CATEGORY_ID = 4, COCO_BBOX = 8, COCO_AREA = 16, COCO_SCORE = 32,
	COCO_ISCROWD = 64, COCO_IGNORE = 128, COCO_NAME = 256, COCO_FILE_NAME = 512, COCO_HEIGHT = 1024, COCO_WIDTH = 2048
};

struct coco_object {
	unsigned has;		/* enum coco_field; what it has not is 0 or "" */
	int64_t id, image_id, category_id, height, width;
	int64_t iscrowd, ignore;	/* 0 or not */
	double bbox[4];		/* left, top, width, height, in pixels from 0 */
	double area, score;	/* area: not negative */
	const char *name, *file_name;	/* borrowed until the callback returns */
	size_t begin, end;	/* its bytes in the file */
};

/* Reading one; begins as { .list = ..., .corners = -1 }. */
struct coco_object_walk {
	enum coco_list list;			/* that it is of */
	struct coco_segmentation *segmentation;	/* to be filled; NULL: passed over */
	struct coco_object object;
	unsigned given;				/* fields that were there, as null too */
	const struct coco_object_field *field;	/* that the next value is of; NULL: none of ours */
	int corners;				/* numbers of the box so far; -1: not in a box */
	bool in_segmentation;
	struct arena text;			/* of the object; the caller's to free */
};

/* Take a token; `depth` is that of the object. 1: it is complete; 0; -1 and err(ERR_DATA): no object, a field of another
   type or twice. */
int coco_object_take(struct coco_object_walk *w, const struct json_token *t, int depth);

/* 0 if an object has all of these fields, else -1 and err(ERR_DATA) that names the first one it lacks. */
int coco_object_need(const struct coco_object *o, unsigned fields);

#endif
