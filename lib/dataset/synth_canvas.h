/* synth_canvas - an image in the making: shapes, textures, strokes, and the object that owns each pixel */
#ifndef DATASET_SYNTH_CANVAS_H
#define DATASET_SYNTH_CANVAS_H

#include "base/mem.h"
#include "dataset/synth.h"

#include <stdint.h>

enum synth_texture_kind {
	SYNTH_TEXTURE_SMOOTH,
	SYNTH_TEXTURE_GRAIN,
	SYNTH_TEXTURE_STRIPES,
	SYNTH_TEXTURE_DOTS,
	SYNTH_TEXTURE_CHECKS,
	SYNTH_TEXTURE_KINDS
};

/* An unbounded texture of two colors, a function of the point only. */
struct synth_texture {
	enum synth_texture_kind kind;
	double period;		/* in pixels */
	double angle;		/* in radians */
	double contrast;	/* of the two colors, 0 .. 1 */
	uint32_t salt;		/* of the noise */
};

struct synth_canvas {
	int width, height;
	float *rgb;		/* (height, width, 3), light in [0, 1] */
	uint8_t *owner;		/* index + 1 of the object that covers at least half of the pixel; 0: none */
	uint8_t *border;	/* 1: the edge of an object runs through the pixel */
};

/* Two colors, blended by a texture. */
struct synth_paint {
	struct synth_texture texture;
	float color[2][3];
};

/* A shape, scaled, rotated and stretched: the point (x, y) of the image is mapped back to the unit shape. */
struct synth_figure {
	int shape;			/* a class of synth_classes */
	double x, y, radius, angle;	/* center and radius in pixels, rotation in radians */
	double stretch;			/* of the first axis of the shape, about 1 */
	struct synth_paint paint;
	double light[2];		/* increase of the light along x and y over a radius */
	double shadow[2], shade;	/* offset of the shadow in pixels, its darkness; 0: none */
};

/* A stroke: all points within `radius` of the line from a to b. */
struct synth_stroke { double ax, ay, bx, by, radius; float color[3]; };

struct synth_canvas synth_canvas_new(struct arena *a, int width, int height);

/* Fill with a paint and a linear change of light. */
void synth_canvas_ground(struct synth_canvas *c, const struct synth_paint *p, const double light[2]);

/* Draw a figure as object `index`; count its pixels in `o`. */
void synth_canvas_figure(struct synth_canvas *c, const struct synth_figure *f, int index, struct synth_object *o);

/* Draw a stroke; it belongs to no object. */
void synth_canvas_stroke(struct synth_canvas *c, const struct synth_stroke *s);

/* Mean luma around a point. */
float synth_canvas_luma(const struct synth_canvas *c, double x, double y, double radius);

#endif
