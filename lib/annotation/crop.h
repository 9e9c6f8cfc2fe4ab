/* crop - the crops of tscae-crop, for all tools that crop

   Images are cropped and resized to one size, with their boxes and segmentation maps. Random crops depend only on the
   seed, the epoch, the key and the size of the image: they are the same at every position of a pipe. */
#ifndef ANNOTATION_CROP_H
#define ANNOTATION_CROP_H

#include "annotation/transform.h"
#include "base/err.h"
#include "base/opt.h"
#include "codec/image.h"
#include "stream/record.h"

#include <stdint.h>

struct crop {
	/* the settings of tscae-crop(1): crop_default(), then crop_table() or crop_read() */
	int mode, filter;
	long resize, seed;
	long size[2];		/* width and height in pixels */
	double scale[2], ratio[2];	/* scale 0,0: the default of the mode */
	double flip, visible;

	/* set by crop_complete() */
	struct transform to;
	uint64_t drawn;		/* set by crop_begin(): the seed of this run in the pipe */
};

enum { CROP_ROWS = 9 };

struct crop crop_default(void);

/* Fill CROP_ROWS rows of options with the settings, without the row that ends a table. */
void crop_table(struct crop *c, struct opt *table);

/* Check and complete the settings. -1 and err(ERR_USAGE): contradictory settings. */
int crop_complete(struct crop *c) ERR_CHECK;

/* Read all settings from a text, written like options of tscae-crop on a command line (no quotes). -1 and
   err(ERR_USAGE). */
int crop_read(struct crop *c, const char *text) ERR_CHECK;

/* Change the header to that of the result. -1 and err(ERR_DATA): it has no image. */
int crop_begin(struct crop *c, struct header *h) ERR_CHECK;

/* Put the crop of an image into the record. -1 and err(ERR_DATA). */
int crop_image(const struct crop *c, struct record *r, const struct image *from) ERR_CHECK;

/* The same for the image of the record. */
int crop_record(const struct crop *c, struct record *r) ERR_CHECK;

/* Take all that describes the crop of an image out of a record (`crop`, and transform_drop()); out of a header. */
void crop_drop(struct record *r);
void crop_undeclare(struct header *h);

#endif
