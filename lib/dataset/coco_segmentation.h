/* coco_segmentation - the mask of an object in COCO's files: polygons and RLE

   segmentation: [[x, y, ...], ...], also [x, y, ...] and [[[x, y], ...], ...]; {size: [height, width], counts: [number, ...]
   or text}, also several of these in a list. */
#ifndef DATASET_COCO_SEGMENTATION_H
#define DATASET_COCO_SEGMENTATION_H

#include "annotation/raster.h"
#include "json/json.h"

enum coco_kind { COCO_POLYGON, COCO_RLE };

struct coco_part {
	int kind;		/* enum coco_kind */
	long first, count;	/* numbers of data: x y x y ..., or run lengths */
};

struct coco_segmentation {	/* begins empty: { 0 } */
	int height, width;	/* that the RLE is for; 0: not known */
	struct coco_part *parts;	/* (part_count) none: no mask */
	long part_count, part_room;
	double *data;
	long data_count, data_room;
	long left_out;		/* polygons of fewer than three points or of half a point: not in parts */
	int form;		/* of what is being read */
	int key;
	int sizes;
	long point;
};

/* Begin a new one, take the tokens of the value (`depth` is that of the value itself), and end. -1 and err(ERR_DATA): of
   another form. Without any token there is no mask. */
void coco_segmentation_begin(struct coco_segmentation *s);
int coco_segmentation_take(struct coco_segmentation *s, const struct json_token *t, int depth);
void coco_segmentation_end(struct coco_segmentation *s);

/* Give the pixels of the mask a value in a map of the raster's size, row by row. -1 and err(ERR_DATA): RLE of another size or
   that does not fill it, a polygon out of reach. */
int coco_segmentation_draw(const struct coco_segmentation *s, struct raster *r, uint8_t *map, uint8_t value);

void coco_segmentation_free(struct coco_segmentation *s);

#endif
