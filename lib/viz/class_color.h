/* class_color - the name and the color of a class, from the header's lists (formats/records.md, Labels, Predictions) */
#ifndef VIZ_CLASS_COLOR_H
#define VIZ_CLASS_COLOR_H

#include "base/mem.h"
#include "stream/record.h"

#include <stdint.h>

struct class_color {
	const char *name;	/* from the header, or its number, from the arena */
	int rank;		/* index into VOC's palette; 255 is the ignore index */
	const uint8_t *color;	/* of that index */
};

/* Class `i` of the list of that name. A name has one color in all lists of the header; a class without a name gets its
   number as its name. */
struct class_color class_color_of(struct arena *a, const struct header *h, const char *list, long i);

/* The ignore index (255) of segmentation maps. */
struct class_color class_color_ignore(void);

#endif
