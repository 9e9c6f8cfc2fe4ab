/* target_assign - which place of the pyramid is to find which box (FCOS, Tian et al. 2019, section 3.2)

   Place (i, j) of a level of stride s stands at pixel ((j + 1/2) s, (i + 1/2) s). It is given a box if it lies inside the box, less
   than 3/2 s from its center along both axes, and the farthest edge of the box is within the level's range: at most 8 s away,
   and more than 8 strides of the level below (any distance down to 0 on the finest level, up from there on the coarsest).
   Of several boxes the smallest by area, of equal ones the first.
   A difficult box gives no place to itself: those that it would have and no other box has are ignored. Inside a crowd
   box every place that no box has is ignored. */
#ifndef TASK_TARGET_ASSIGN_H
#define TASK_TARGET_ASSIGN_H

#include "annotation/boxes.h"
#include "model/fpn.h"
#include "task/batch.h"

enum { TARGET_ASSIGN_NONE = -1, TARGET_ASSIGN_IGNORE = -2 };

struct target_assign_level {
	int rows, columns;
	int first;		/* its first place among those of all levels */
	float stride;		/* pixels */
	float least, most;	/* range of the farthest edge, pixels: least < it <= most */
};

struct target_assign {
	struct target_assign_level level[FPN_LEVELS];
	int places;		/* of all levels, level by level, row by row */
};

/* The places over R x W patches of side p. */
struct target_assign target_assign_points(int R, int W, int p);

/* Fill which[places]: number of the box, TARGET_ASSIGN_NONE (background) or TARGET_ASSIGN_IGNORE. Returns how many places have a box. */
int target_assign_boxes(const struct target_assign *a, const struct boxes *boxes, int *which);

/* Distances left, top, right, bottom from a place of a level to a box's edges, in pixels. */
void target_assign_distances(const struct target_assign_level *level, int row, int column, const float box[4], float distance[4]);

/* Centerness of a place with these distances: sqrt(min(l, r) / max(l, r) * min(t, b) / max(t, b)), 1 in the middle, 0 at an edge. */
float target_assign_centerness(const float distance[4]);

#endif
