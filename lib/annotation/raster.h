/* raster - draw polygons and RLE, the masks of COCO, into a segmentation map

   A mask is the set of pixels at which its column, from top to bottom, changes between outside and inside. Polygons
   are rasterized as in cocoapi (Lin et al., "Microsoft COCO", 2014; function rleFrPoly): the edges are traced on a
   grid 5 times finer; the column changes where an edge crosses its middle. RLE numbers the pixels column by column:
   x * height + y. The time of a mask is that of the pixels of its box, and of the columns that its edges cross or
   its runs. */
#ifndef ANNOTATION_RASTER_H
#define ANNOTATION_RASTER_H

#include "base/err.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RASTER_REACH 1e5 /* limit of absolute coordinates of polygons; images have at most 65535 x 65535 pixels */

struct raster_box { int left, top, right, bottom; };	/* right and bottom excluded; right 0: empty */

struct raster {
	int width, height;
	/* private, all 0 or empty between calls */
	uint8_t *changes, *inside;	/* (height, width) 255: the column changes here; (width) 255: it is inside */
	bool below;			/* a mask goes on to the last row */
	struct raster_box box;		/* of the changes */
	struct raster_box drawn;	/* around all masks so far, or since raster_forget() */
};

/* A raster with memory from the arena. */
struct raster raster_new(struct arena *a, int width, int height);

/* `drawn` is empty again. */
void raster_forget(struct raster *r);

/* Set the pixels inside a polygon (n points x, y; n >= 3) to a value in a map (height, width), row by row.
   -1 and err(ERR_DATA): a coordinate beyond RASTER_REACH. */
int raster_polygon(struct raster *r, const double *xy, long n, uint8_t *map, uint8_t value) ERR_CHECK;

/* The same for RLE: n runs, the first one outside. -1 and err(ERR_DATA): they do not fill the image. */
int raster_rle(struct raster *r, const double *counts, long n, uint8_t *map, uint8_t value) ERR_CHECK;

/* Decode compressed RLE: numbers of 5 bits per character, lowest bits first, from the fourth on the difference to the
   number two before. `counts` has room for `size` numbers. Returns their number, or -1 and err(ERR_DATA). */
long raster_rle_text(const char *text, size_t size, double *counts) ERR_CHECK;

#endif
