/* tint - the name and the colour of a class, from the header's lists (formats/records.md, Labels, Predictions) */
#ifndef TOOL_TINT_H
#define TOOL_TINT_H

#include "stream/record.h"

#include <stdint.h>

struct tint {
	const char *name;	/* the header's, or its number in the arena */
	int rank;		/* index into VOC's palette; 255 is void */
	const uint8_t *colour;	/* of that index */
};

/* Class `i` of the list of that name. A name has one colour, whatever its number in each of the header's lists; a class
   without a name has its number for a name. */
struct tint tint_of(struct arena *a, const struct header *h, const char *list, long i);

/* Value 255 of a label map. */
struct tint tint_void(void);

#endif
