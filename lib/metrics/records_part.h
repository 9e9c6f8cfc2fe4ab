/* records_part - what records.c, records_said.c and records_voc.c share: a stream's lists of classes, seen from the truth's */
#ifndef METRICS_RECORDS_PART_H
#define METRICS_RECORDS_PART_H

#include "metrics/evaluation.h"

struct records_part {
	struct evaluation *set;
	const struct evaluation_rules *rules;
	struct class_list said, said_labels;	/* predicted_classes, predicted_label_classes */
	int *to, *to_labels;		/* for each of those its index in the truth's list; NULL: one of both lists is empty */
	int truth_map[256], said_map[256];	/* for confusion_pixels() */
	long true_count[3], said_count[3];	/* records that have a part, by bit of enum evaluation_part */
};

/* The header of a stream of these sides (enum records_side), a record's truth, and after `records` of them the end: all of
   them or none must have a part; with truth the set is sealed. -1 and err(ERR_DATA). */
int records_part_open(struct records_part *p, unsigned sides, const struct header *h);
int records_part_truth(struct records_part *p, const struct record *r);
int records_part_end(struct records_part *p, unsigned sides, long records);
void records_part_free(struct records_part *p);

/* Compare the lists of the predictions' header with the truth's. -1 and err(ERR_DATA). */
int records_part_begin(struct records_part *p, const struct header *h);

/* Take a record's predictions for an image of the set. -1 and err(ERR_DATA). */
int records_part_said(struct records_part *p, int image, const struct record *r);

/* Height, width and transform, from whatever fields of the record say them. */
void records_part_place(struct evaluation_image *image, const struct record *r);

#endif
