/* fcos - the anchor-free detection head: class, box and centerness for each point of a pyramid, and their targets

   Tian, Shen, Chen, He, "FCOS: Fully convolutional one-stage object detection", ICCV 2019. Two towers of 3x3
   convolutions (norm over the channels, ReLU), shared by all levels, each followed by linear layers:
   class tower -> classes; box tower -> 4 logarithms of distances in strides (one bias per level), 1 centerness. */
#ifndef MODEL_FCOS_H
#define MODEL_FCOS_H

#include "annotation/boxes.h"
#include "model/config.h"
#include "model/fpn.h"
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

/* Assignment of ground-truth boxes to the points of the levels (section 3.2).

   Point (i, j) of a level of stride s is at pixel ((j + 1/2) s, (i + 1/2) s). A box is assigned to it if the point lies
   inside the box, less than 3/2 s from its center along both axes, and the farthest edge of the box is within the range
   of the level: at most 8 s away, and more than 8 strides of the next finer level (no lower limit on the finest level,
   no upper limit on the coarsest). Of several boxes the smallest by area, of equal ones the first. No point is assigned
   to a difficult box: points that it would get and that no other box gets are ignored. Points inside a crowd box that
   no box gets are ignored. */
enum { TARGET_ASSIGN_NONE = -1, TARGET_ASSIGN_IGNORE = -2 };

struct target_assign_level {
	int rows, columns;
	int first;		/* index of its first point among those of all levels */
	float stride;		/* pixels */
	float least, most;	/* range of the farthest edge, pixels: least < it <= most */
};

struct target_assign {
	struct target_assign_level level[FPN_LEVELS];
	int count;		/* points of all levels, level by level, row by row */
};

/* The points over R x W patches of p x p pixels. */
struct target_assign target_assign_points(int R, int W, int p);

/* Fill which[count]: index of the box, TARGET_ASSIGN_NONE (background) or TARGET_ASSIGN_IGNORE. Returns the number of
   points with a box. */
int target_assign_boxes(const struct target_assign *a, const struct boxes *boxes, int *which);

/* Distances from a point of a level to the left, top, right and bottom edges of a box, in pixels. */
void target_assign_distances(const struct target_assign_level *level, int row, int column, const float box[4],
	float distance[4]);

/* Centerness of a point with these distances: sqrt(min(l, r) / max(l, r) * min(t, b) / max(t, b)), 1 in the middle, 0
   at an edge. */
float target_assign_centerness(const float distance[4]);

#endif
