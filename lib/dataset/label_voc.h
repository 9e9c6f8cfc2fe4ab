/* label_voc - what is kept of the annotations of a VOC layout, and its classes */
#ifndef DATASET_LABEL_VOC_H
#define DATASET_LABEL_VOC_H

#include "dataset/label_part.h"

struct label_voc_image {
	bool there;		/* it has an annotation */
	int width, height;	/* 0: unknown */
	long first;		/* of its boxes */
	int count;
	const char *map;	/* path of its segmentation map */
};

struct label_voc {
	struct label_voc_image *images;
	struct label_part_box *boxes;	/* class: into names, in the end into the label's classes */
	long count, room;
	struct class_list names;	/* as they were met */
};

/* The number of a name of a class in v->names, added if it is new. -1 and err(ERR_DATA): too many. */
int label_voc_name(struct label_voc *v, const char *name);

/* Settle the classes and renumber the boxes. -1 and err(): a box of another class, or with segmentation maps, nothing says
   what their values mean. */
int label_voc_classes(struct label *l, struct label_voc *v);

#endif
