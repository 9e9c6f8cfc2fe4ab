/* class_color - the name and the color of a class, from the header's lists (formats/records.md, Labels, Predictions) */
#ifndef VIZ_CLASS_COLOR_H
#define VIZ_CLASS_COLOR_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "stream/record.h"

#include <stdint.h>

struct class_color {
	const char *name;	/* from the list, or its number, from the arena */
	int rank;		/* index into VOC's palette; 255 is the ignore index */
	const uint8_t *color;	/* of that index */
};

/* The lists of a header: first those of segmentation maps, from CLASS_COLOR_GT on those of images and boxes. */
enum class_color_list {
	CLASS_COLOR_GT_SEGMAP, CLASS_COLOR_PREDICTED_SEGMAP, CLASS_COLOR_GT, CLASS_COLOR_PREDICTED, CLASS_COLOR_LISTS
};
struct class_colors { struct class_list lists[CLASS_COLOR_LISTS]; };

/* Read the lists of a header; class_colors_free() them. A list that the header lacks is empty. -1 and err(ERR_DATA): an
   error of class_list_read(); nothing is to free. */
int class_colors_read(struct class_colors *c, const struct header *h) ERR_CHECK;
void class_colors_free(struct class_colors *c);

/* Class `i` of a list. A name has one color in all lists of the header; a class without a name gets its number as its
   name. */
struct class_color class_color_of(struct arena *a, const struct class_colors *c, enum class_color_list list, long i);

/* The ignore index (255) of segmentation maps. */
struct class_color class_color_ignore(void);

#endif
