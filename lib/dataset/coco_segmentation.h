/* coco_segmentation - the mask of an object of a COCO file: polygons and RLE

   segmentation: [[x, y, ...], ...], also [x, y, ...] and [[[x, y], ...], ...]; {size: [height, width], counts: [number,
   ...] or text}, also several of these in a list. */
#ifndef DATASET_COCO_SEGMENTATION_H
#define DATASET_COCO_SEGMENTATION_H

#include "annotation/raster.h"
#include "base/err.h"
#include "json/json.h"

#include <stddef.h>
#include <stdint.h>

enum coco_kind { COCO_POLYGON, COCO_RLE };

struct coco_part {
	int kind;		/* enum coco_kind */
	long first, count;	/* numbers of data: x y x y ..., or runs of RLE */
};

struct coco_segmentation {	/* begins empty: { 0 } */
	int height, width;	/* of the RLE; 0: unknown */
	struct coco_part *parts;	/* (part_count) empty: no mask */
	long part_count;
	double *data;
	long data_count;
	size_t part_room, data_room;
	long left_out;		/* dropped polygons: fewer than three points, or an odd number of coordinates */
	int form;		/* state of the parser: form, key, number of sizes, first number of the current point */
	int key;
	int sizes;
	long point;
};

/* Parse a value: begin, take each of its tokens (`depth`: of the value), end. -1 and err(ERR_DATA): neither polygons
   nor RLE. Without tokens the mask is empty. */
void coco_segmentation_begin(struct coco_segmentation *s);
int coco_segmentation_take(struct coco_segmentation *s, const struct json_token *t, int depth) ERR_CHECK;
void coco_segmentation_end(struct coco_segmentation *s);

/* Set the pixels of the mask to a value in a map of the raster's size, row by row. -1 and err(ERR_DATA): RLE of another
   size or that does not fill it, a polygon beyond RASTER_REACH. */
int coco_segmentation_draw(const struct coco_segmentation *s, struct raster *r, uint8_t *map, uint8_t value) ERR_CHECK;

void coco_segmentation_free(struct coco_segmentation *s);

#endif
