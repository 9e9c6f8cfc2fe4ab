/* crop - what tscae-crop does to a record, for the tools that do it

   Images are cut and resized to one size, with their boxes and segmentation maps. What is random depends on the seed, the epoch, the key
   and the size of the image alone: the same wherever in a pipe it happens. */
#ifndef ANNOTATION_CROP_H
#define ANNOTATION_CROP_H

#include "base/opt.h"
#include "annotation/transform.h"

struct crop {
	/* the settings, as tscae-crop(1) has them; crop_default(), then crop_table() or crop_read() */
	int kind, filter;
	long resize, seed;
	const char *size;
	double scale[2], ratio[2];	/* scale 0,0: by kind */
	double flip, visible;

	/* crop_complete() */
	struct transform to;
	uint64_t drawn;		/* crop_begin(): the seed of this run among those of the pipe */
};

enum { CROP_ROWS = 9 };

struct crop crop_default(void);

/* The settings as CROP_ROWS rows of options, without the one that ends a table. */
void crop_table(struct crop *c, struct opt *table);

/* Settings that make no sense: -1 and err(ERR_USAGE). */
int crop_complete(struct crop *c);

/* All of it from a text, as the options of tscae-crop are written on a command line (no quotes). -1 and err(ERR_USAGE). */
int crop_read(struct crop *c, const char *text);

/* Make the header that of what comes out. -1 and err(ERR_DATA): there is no image in it. */
int crop_begin(struct crop *c, struct header *h);

/* Give the record its part of an image that is not in it yet. -1 and err(ERR_DATA). */
int crop_image(const struct crop *c, struct record *r, const struct image *from);

/* The same for the image that it has. */
int crop_record(const struct crop *c, struct record *r);

#endif
