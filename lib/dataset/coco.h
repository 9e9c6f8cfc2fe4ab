/* coco - annotations of COCO (instances), read as a stream: an index in memory, the annotations themselves in the file

   One pass notes the images, the categories, and for each annotation whose it is and where it stands; an annotation is
   read again from its place when its image comes up. So memory is a few dozen bytes for each image and annotation,
   whatever the outlines take, and the annotations may come in any order. */
#ifndef DATASET_COCO_H
#define DATASET_COCO_H

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>

struct coco_image {
	int64_t id;
	int width, height;	/* 0: not said */
	long first;		/* of its annotations, into order */
	long count;
};

struct coco_annotation {
	int64_t image;		/* id; once all is read, index into images, -1: of none */
	int64_t offset;		/* in the file */
	uint32_t size;		/* in bytes */
	int32_t category;	/* id */
};

struct coco_category {
	int64_t id;
	const char *name;
};

struct coco {
	int fd;
	char *path;
	struct coco_image *images;		/* in the order of the file */
	long image_count, image_room;
	struct coco_annotation *annotations;	/* in the order of the file */
	long annotation_count, annotation_room;
	int32_t *order;				/* annotations by image, then in the order of the file */
	struct coco_category *categories;	/* by id */
	long category_count, category_room;
	long dangling;				/* annotations whose image is not there */
	struct arena text;
	/* called for each image with its file_name, in the order of the file; -1 and err() stops */
	int (*image)(void *arg, const char *name);
	void *arg;
};

/* Read the index. `c` is zeroed but for image and arg. -1 and err() with file and byte: ERR_INPUT, or ERR_DATA for what
   is not JSON or not COCO's: a list or a key missing, an id twice, a category that is not there. */
int coco_open(struct coco *c, const char *path);

/* Place of a category in the list, -1: none. */
long coco_category(const struct coco *c, int64_t id);

void coco_close(struct coco *c);

/* An annotation in full. */
enum coco_kind { COCO_POLYGON, COCO_RUNS };

struct coco_part {
	int kind;		/* enum coco_kind */
	long first, count;	/* numbers of data: x y x y ..., or run lengths */
};

struct coco_object {
	double box[4];		/* left, top, width, height, from 0 */
	double area;		/* -1: not said */
	bool boxless;		/* set before reading: there need be no box (then zeros), as in results that are masks */
	int64_t category;
	int crowd;
	int height, width;	/* that its run lengths are for; 0: there are none */
	struct coco_part *parts;
	long part_count, part_room;
	double *data;
	long data_count, data_room;
};

/* Read an annotation; what coco_free() has not been called for is used again. -1 and err() with file and byte. */
int coco_read(const struct coco *c, const struct coco_annotation *a, struct coco_object *o);

void coco_free(struct coco_object *o);

#endif
