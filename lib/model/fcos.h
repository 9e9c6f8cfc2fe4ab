/* fcos - the anchor-free detection head: class, box and centerness for each position of each pyramid level

   Tian, Shen, Chen, He, "FCOS: Fully convolutional one-stage object detection", ICCV 2019. Two towers of 3x3
   convolutions (norm over the channels, ReLU), shared by all levels, each followed by linear layers:
   class tower -> classes; box tower -> 4 logarithms of distances in strides (one bias per level), 1 centerness. */
#ifndef MODEL_FCOS_H
#define MODEL_FCOS_H

#include "model/config.h"
#include "model/layer.h"
#include "nn/params.h"
#include "nn/tape.h"

enum { FCOS_DEPTH_MAX = 4, FCOS_EDGES = 4 };

struct fcos_layer {
	int conv;		/* weight; no bias before a norm */
	struct layer norm;
};

struct fcos {
	int depth;		/* convolutions in a tower */
	struct fcos_layer class_tower[FCOS_DEPTH_MAX], box_tower[FCOS_DEPTH_MAX];
	struct layer class, box, center;	/* box.b: (levels, 4) */
};

/* Outputs for a level (n, h, w, C): logits, and logarithms of distances. */
struct fcos_out {
	struct var *class;	/* (n, h, w, classes) */
	struct var *box;	/* (n, h, w, 4) left, top, right, bottom */
	struct var *center;	/* (n, h, w, 1) */
};

/* Declare the parameters head.{class,box}_tower.N.{conv,norm} and head.{class,box,center} of a completed
   configuration; c->classes > 0. */
void fcos_open(struct fcos *h, const struct config *c, struct params *p);

/* Apply the head to one level of the pyramid. */
struct fcos_out fcos_forward(const struct fcos *h, struct tape *t, int level, struct var *x);

#endif
