/* synth - procedural images: textured figures on cluttered grounds, with boxes and segmentation maps

   Image `number` of a dataset is a function of the settings and the number only. The class of an object is its shape;
   most objects also have the texture of their class and a hue near its hue; light, size, rotation and location are
   independent of the class. */
#ifndef DATASET_SYNTH_H
#define DATASET_SYNTH_H

#include "base/mem.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stdint.h>

enum { SYNTH_OBJECTS_MAX = 20 };

enum { SYNTH_CLASSES = 10 };

/* Names of the classes, in alphabetical order. */
extern const char *const synth_classes[SYNTH_CLASSES];

struct synth {
	int width, height;	/* from 16 on */
	int classes;		/* use the first ones of synth_classes */
	int objects;		/* at most in an image; 1: one large object of class number % classes */
	uint64_t seed;
};

struct synth_object {
	int class;				/* 0 .. classes-1 */
	int left, top, right, bottom;		/* box of the visible pixels: from 1, inclusive, as in PASCAL VOC */
	bool truncated;				/* more than 2 % of its area lies outside the image */
	bool occluded;				/* more than 5 % of the area inside the image is covered */
	bool difficult;				/* less than 40 % is visible, or the box is narrower than 6 pixels */
	long whole, inside, visible;		/* its pixels: all, inside the image, not covered */
};

struct synth_scene {
	struct image image;			/* (height, width, 3) */
	struct image labels;			/* (height, width, 1): 0 ground, class + 1, SEGMAP_IGNORE at borders */
	struct image instances;		/* the same with index in `object` + 1 in place of class + 1 */
	int count;
	struct synth_object object[SYNTH_OBJECTS_MAX];
};

/* Draw an image; its memory comes from the arena. */
void synth_draw(const struct synth *s, long number, struct arena *a, struct synth_scene *out);

/* True if the image belongs to the validation split of that fraction of the images: spread evenly, in equal numbers
   over all classes. */
bool synth_held_out(const struct synth *s, long number, double fraction);

#endif
