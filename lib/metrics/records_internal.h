/* records_internal - shared by records.c and records_predicted.c: an input, and the mapping of its classes to those of
   the ground truth */
#ifndef METRICS_RECORDS_INTERNAL_H
#define METRICS_RECORDS_INTERNAL_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "metrics/evaluation.h"
#include "stream/record.h"

struct records_input {
	struct evaluation *set;
	const struct evaluation_rules *rules;
	struct class_list predicted_classes, predicted_label_classes;	/* of the header */
	int *class_map, *label_class_map; /* their indices in the ground truth; NULL: one of the lists is empty */
	int gt_map[256], predicted_map[256];	/* for confusion_pixels() */
	long gt_count[3], predicted_count[3];	/* records with annotations, by bit of enum evaluation_task */
};

/* Map the classes of a header of predictions to those of the ground truth. -1 and err(ERR_DATA). */
ERR_CHECK int records_map_classes(struct records_input *p, const struct header *h);

/* Add a record's predictions to an image of the evaluation. -1 and err(ERR_DATA). */
ERR_CHECK int records_take_predictions(struct records_input *p, int image, const struct record *r);

/* Height and width of an image (annotation/image_size.h) and its transform (annotation/transform.h). -1 and
   err(ERR_DATA). */
int records_read_geometry(struct evaluation_image *image, const struct record *r) ERR_CHECK;

#endif
