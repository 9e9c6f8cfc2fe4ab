/* raster - polygons and RLE, the masks of COCO, laid onto a segmentation map

   Pixels count column by column, top to bottom: place x * height + y. A region is a set of places at which the map changes
   between outside and inside. Polygons are rasterized as the COCO programs do it (Lin et al., "Microsoft COCO", 2014; the
   function rleFrPoly of cocoapi is the rule): the outline is walked on a grid 5 times finer, and wherever it steps from
   one column to the next at the middle of a column of pixels, the map changes there. */
#ifndef ANNOTATION_RASTER_H
#define ANNOTATION_RASTER_H

#include "base/mem.h"

#include <stdint.h>

#define RASTER_REACH 1e5	/* coordinates of polygons lie within this of 0: no image is larger than 65535 */

struct raster {
	int width, height;
	uint8_t *changes;	/* (width * height + 1) 1: inside and outside change places here; all 0 between calls */
};

/* A canvas with memory from the arena. */
struct raster raster_new(struct arena *a, int width, int height);

/* Give the pixels inside a polygon (n points x, y; from 3) that value in a map (height, width), row by row.
   -1 and err(ERR_DATA): a coordinate out of reach. */
int raster_polygon(struct raster *r, const double *xy, long n, uint8_t *map, uint8_t value);

/* The same for run lengths, of which the first is outside. -1 and err(ERR_DATA): they do not fill the image. */
int raster_rle(struct raster *r, const double *counts, long n, uint8_t *map, uint8_t value);

/* Read run lengths from their text form: numbers of 5 bits a character, lowest first, from the fourth on as the difference
   to the one two before. `counts` has room for `size` of them. Their number, or -1 and err(ERR_DATA). */
long raster_rle_text(const char *text, size_t size, double *counts);

#endif
