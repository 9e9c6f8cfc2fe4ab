/* coco_index - COCO's ground truth: images and classes in memory, annotations as their places in the file

   One pass over the file. An annotation takes a few dozen bytes, whatever its polygons take, and is read again from its
   place (coco_read_object) when its image comes up. Lists may come in any order. */
#ifndef DATASET_COCO_INDEX_H
#define DATASET_COCO_INDEX_H

#include "annotation/class_list.h"
#include "base/lookup.h"
#include "base/mem.h"
#include "dataset/coco.h"

#include <stddef.h>
#include <stdint.h>

/* What is left out or guessed in files of COCO, counted. */
enum coco_note { COCO_ORPHAN, COCO_REPEATED, COCO_NAMESAKE, COCO_NO_AREA, COCO_NEGATIVE, COCO_BAD_POLYGON, COCO_MASKLESS, COCO_NOTES };
extern const char *const coco_index_note_texts[COCO_NOTES];	/* "annotations belong to no image and are left out" */

struct coco_image {
	int64_t id;
	const char *file_name;	/* without "./" in front */
	int width, height;	/* 0: not known */
	long first;		/* of its annotations, into order */
	long count;
};

struct coco_annotation {
	int64_t image;		/* id; once all is read, index into images, -1: of none */
	int64_t begin;		/* its bytes in the file */
	uint32_t size;
	int32_t class;		/* index into categories; once all is read, into classes */
};

struct coco_category {		/* in the order in which their ids come */
	int64_t id;
	const char *name;	/* NULL: not in the list */
	long uses;		/* annotations */
	size_t first;		/* byte of the first of them */
};

struct coco_index {
	struct coco_image *images;		/* in the order of the file */
	long image_count, image_room;
	struct coco_annotation *annotations;	/* in the order of the file */
	long annotation_count, annotation_room;
	int32_t *order;				/* annotations by image, then in the order of the file */
	struct class_list classes;		/* by id */
	long notes[COCO_NOTES];			/* ORPHAN, REPEATED, NAMESAKE */
	struct coco_category *categories;
	long category_count, category_room;
	struct lookup by_id, by_category;
	struct arena text;			/* names, one behind the other in blocks */
	char *text_end;
	size_t text_left;			/* bytes of the last block */
	/* called for each annotation in the order of the file, may be NULL; -1 and err() stops */
	int (*annotation)(void *arg, const struct coco_object *o);
	void *arg;
};

enum { COCO_INDEX_CLASSES_MAX = 65536, COCO_INDEX_SIZE_MAX = 1000000 /* pixels of an image's height or width */ };

/* Read a file, or bytes that are there (path NULL). `c` is zeroed but for annotation and arg. -1 and err(ERR_INPUT); ERR_DATA
   with path and byte: as coco_read(), a field missing, two images or categories with one id, two used categories with one
   name, or an annotation whose category is not there. */
int coco_index_read(struct coco_index *c, const char *path);
int coco_index_parse(struct coco_index *c, const void *bytes, size_t size);

void coco_index_free(struct coco_index *c);

#endif
