/* label_coco - the objects of one image of COCO, and their regions */
#ifndef DATASET_LABEL_COCO_H
#define DATASET_LABEL_COCO_H

#include "dataset/coco.h"
#include "dataset/label_part.h"

struct label_coco {
	struct label_part_box *boxes;	/* (count) */
	struct coco_object *list;	/* (count) */
	int count;
};

/* Leave out polygons that are none: fewer than three points, or half a point. */
void label_coco_polygons(struct coco_object *o, struct label_notes *notes);

/* Put `labels`: regions laid over each other in the order of the list. -1 and err(ERR_DATA): run lengths of another size. */
int label_coco_map(const struct label_coco *all, struct record *r, int width, int height);

/* Put `regions` and `region_data` of the boxes that were put. */
void label_coco_regions(const struct label_coco *all, struct record *r);

#endif
