/* synth - procedural images: textured figures on cluttered grounds, with boxes and segmentation maps

   Image `number` of a set is a function of the settings and the number alone. The class of an object is its
   outline (image/shape.h); most also have the surface and a hue near that of their class; light, size, turn and
   place say nothing about it. */
#ifndef DATASET_SYNTH_H
#define DATASET_SYNTH_H

#include "codec/image.h"

#include <stdbool.h>

enum { SYNTH_OBJECTS_MAX = 20 };

struct synth {
	int width, height;	/* from 16 on */
	int classes;		/* the first of shape_names */
	int objects;		/* most in an image; 1: one that fills much of it, its class number % classes */
	uint64_t seed;
};

struct synth_object {
	int class;				/* 0 .. classes-1 */
	int left, top, right, bottom;		/* of what is seen of it: from 1, both ends inside, as in PASCAL VOC */
	bool truncated;				/* more than 2 % of it lie outside the image */
	bool occluded;				/* more than 5 % of what lies inside is covered */
	bool difficult;				/* less than 40 % of it is seen, or the box is narrower than 6 pixels */
	long whole, inside, seen;		/* its pixels: in the plane, in the image, not covered */
};

struct synth_scene {
	struct image image;			/* (height, width, 3) */
	struct image labels;			/* (height, width, 1): 0 ground, class + 1, SEGMAP_IGNORE at borders */
	struct image instances;		/* the same with the place in `object` + 1 */
	int count;
	struct synth_object object[SYNTH_OBJECTS_MAX];
};

/* Draw an image; its memory comes from the arena. */
void synth_draw(const struct synth *s, long number, struct arena *a, struct synth_scene *out);

/* True if the image belongs to the validation part, when that is to be this part of the images: spread evenly,
   and over all classes alike. */
bool synth_held_out(const struct synth *s, long number, double part);

#endif
