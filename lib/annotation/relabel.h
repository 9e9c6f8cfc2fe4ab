/* relabel - what is true of an image, after its pixels were placed anew

   Moved: `boxes` (those of which too little is left go, and with them their rows of box_class, box_flags,
   box_area), `labels`. Added: `transform`, `source_size`, `placed`. Left out, as they speak of pixels or patches that are no
   more there: masks, attention, predictions, outlines (formats/records.md, "What tscae-crop does to fields"). */
#ifndef ANNOTATION_RELABEL_H
#define ANNOTATION_RELABEL_H

#include "transform/geometry.h"
#include "stream/record.h"

struct relabel {
	int width, height;	/* of every result */
	double visible;		/* a box stays if at least this share of its area is left; crowds: if anything is */
};

enum { RELABEL_VOID = 255 };	/* what segmentation maps are padded with */

/* Make the header that of what comes out. */
void relabel_header(const struct relabel *to, struct header *h);

/* Move what is true of an image of that size. -1 and err(ERR_DATA): boxes that are not finite or do not belong together
   with their classes, a segmentation map of another size than its image. */
int relabel_record(const struct relabel *to, struct record *r, const struct geometry *p, int from_width, int from_height);

#endif
