/* coco_index - index of COCO ground truth: images and classes in memory, annotations as byte ranges of the file

   One pass over the file. An annotation takes a few dozen bytes, independent of its polygons, and is read again from
   the file (coco_read_object) when its image is processed. Lists may be in any order. */
#ifndef DATASET_COCO_INDEX_H
#define DATASET_COCO_INDEX_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "dataset/coco.h"

#include <stddef.h>
#include <stdint.h>

/* Dropped or repaired parts of COCO files, counted. */
enum coco_note { COCO_ORPHAN, COCO_REPEATED, COCO_NAMESAKE, COCO_NO_AREA, COCO_NEGATIVE, COCO_BAD_POLYGON,
	COCO_MASKLESS, COCO_UNLISTED, COCO_NOTES };
extern const char *const coco_index_note_texts[COCO_NOTES];	/* "annotations belong to no image and are left out" */

struct coco_image {
	int64_t id;
	const char *file_name;	/* without leading "./" */
	int width, height;	/* 0: unknown */
	long first;		/* of its annotations, into order */
	long count;
	int64_t begin;		/* first byte in the file */
};

struct coco_annotation {
	int64_t image;		/* id; after reading: index into images, -1: none */
	int64_t begin;		/* byte range in the file */
	uint32_t size;
	int32_t class;		/* index into categories; after reading: into classes, -1: not listed */
};

struct coco_category {		/* in order of first occurrence of the id */
	int64_t id;
	const char *name;	/* NULL: not listed */
	long uses;		/* annotations */
	size_t first;		/* byte offset of the first of them */
};

struct coco_index {
	struct coco_image *images;		/* in the order of the file */
	long image_count;
	struct coco_annotation *annotations;	/* in the order of the file */
	long annotation_count;
	int32_t *order;				/* annotations by image, then in the order of the file */
	struct class_list classes;		/* by id */
	long notes[COCO_NOTES];			/* ORPHAN, REPEATED, NAMESAKE, UNLISTED */
	int64_t first[COCO_NOTES];		/* 1 + byte of the first such annotation; 0: none, or no annotation */
	struct coco_category *categories;
	long category_count;
	size_t image_room, annotation_room, category_room;
	struct lookup by_id, by_category;
	struct arena text;			/* names, in sequence in blocks */
	char *text_end;
	size_t text_left;			/* bytes of the last block */
	/* called for each annotation in the order of the file; may be NULL; -1 and err() stops reading */
	int (*annotation)(void *arg, const struct coco_object *o);
	void *arg;
};

/* Read a file, or bytes in memory (messages without a path). `c` is zeroed except annotation and arg. -1 and
   err(ERR_INPUT); ERR_DATA with path and byte: as coco_read(), a field missing, two images or categories with one id,
   two used categories with one name, no images, no categories, or annotations none of which has a listed image and
   category. */
int coco_index_read(struct coco_index *c, const char *path) ERR_CHECK;
int coco_index_parse(struct coco_index *c, const void *bytes, size_t size) ERR_CHECK;

void coco_index_free(struct coco_index *c);

#endif
