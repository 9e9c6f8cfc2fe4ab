/* label_coco - the objects of one image of COCO, and their regions */
#ifndef DATASET_LABEL_COCO_H
#define DATASET_LABEL_COCO_H

#include "dataset/label_part.h"
#include "dataset/coco_segmentation.h"

struct label_coco {
	struct label_part_box *boxes;	/* (count) */
	struct coco_segmentation *list;	/* (count) */
	int count;
};

/* Put `labels`: masks laid over each other in the order of the list; the box of an object without mask is SEGMAP_IGNORE, noted.
   -1 and err(ERR_DATA): RLE of another size. */
int label_coco_map(const struct label_coco *all, struct record *r, int width, int height, struct label_notes *notes);

/* Put `regions` and `region_data` of the boxes that were put. */
void label_coco_regions(const struct label_coco *all, struct record *r);

#endif
