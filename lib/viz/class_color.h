/* class_color - the name and the color of a class, from the header's lists (formats/records.md, Labels, Predictions) */
#ifndef VIZ_CLASS_COLOR_H
#define VIZ_CLASS_COLOR_H

#include "stream/record.h"

#include <stdint.h>

struct class_color {
	const char *name;	/* the header's, or its number in the arena */
	int rank;		/* index into VOC's palette; 255 is void */
	const uint8_t *color;	/* of that index */
};

/* Class `i` of the list of that name. A name has one color, whatever its number in each of the header's lists; a class
   without a name has its number for a name. */
struct class_color class_color_of(struct arena *a, const struct header *h, const char *list, long i);

/* Value 255 of a segmentation map. */
struct class_color class_color_ignore(void);

#endif
