/* synth_canvas - an image being painted, with who owns each pixel */
#ifndef DATASET_SYNTH_CANVAS_H
#define DATASET_SYNTH_CANVAS_H

#include "dataset/synth.h"
#include "dataset/texture.h"

struct synth_canvas {
	int width, height;
	float *rgb;		/* (height, width, 3), light in [0, 1] */
	uint8_t *owner;		/* object + 1 that covers at least half of the pixel, 0: none */
	uint8_t *border;	/* 1 where an edge runs through the pixel */
};

/* A surface: two colors, mixed by a texture. */
struct synth_paint {
	struct texture texture;
	float color[2][3];
};

/* A figure on the plane: (x, y) of the image is (u, v) of the unit figure by the inverse of turn and stretch. */
struct synth_figure {
	int shape;
	double x, y, radius, angle;
	double stretch;			/* of the figure's first axis, about 1 */
	struct synth_paint paint;
	double light[2];		/* brighter towards here, by this much */
	double shadow[2], shade;	/* offset in pixels and darkness of its shadow; 0: none */
};

/* A stroke: all points within `radius` of a line. */
struct synth_stroke { double ax, ay, bx, by, radius; float color[3]; };

struct synth_canvas synth_canvas_new(struct arena *a, int width, int height);

/* Fill with a paint and a slow change of light. */
void synth_canvas_ground(struct synth_canvas *c, const struct synth_paint *p, const double light[2]);

/* Lay a figure over what is there, as object `index`; counts its pixels into `o`. */
void synth_canvas_figure(struct synth_canvas *c, const struct synth_figure *f, int index, struct synth_object *o);

/* Lay a stroke over what is there; it belongs to no object. */
void synth_canvas_stroke(struct synth_canvas *c, const struct synth_stroke *s);

/* Mean light around a point. */
float synth_canvas_luma(const struct synth_canvas *c, double x, double y, double radius);

#endif
