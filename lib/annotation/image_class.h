/* image_class - the class of an image and its prediction: their fields in a record, one validator

   Ground truth is `class`; a prediction is `predicted_class`, with a probability of each class in `class_score`
   (formats/records.md). */
#ifndef ANNOTATION_IMAGE_CLASS_H
#define ANNOTATION_IMAGE_CLASS_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "stream/record.h"
#include "stream/tensor.h"

#include <stdint.h>

enum image_class_kind { IMAGE_CLASS_GT, IMAGE_CLASS_PREDICTED, IMAGE_CLASS_KINDS };

/* The field of the probabilities. */
#define IMAGE_CLASS_SCORE "class_score"

/* The name of the field. */
const char *image_class_name(enum image_class_kind kind);

/* Read the class and check it: the only validator. `classes`: number of classes; 0: not known, every class is accepted.
   Without the field *class is not changed. 1; 0: no field; -1 and err(ERR_DATA): not an integer, or out of range. */
int image_class_read(const struct record *r, enum image_class_kind kind, int classes, int64_t *class) ERR_CHECK;

/* The same of ground truth that the record must have, else -1 and err(ERR_DATA). */
int image_class_require(const struct record *r, int classes, int64_t *class) ERR_CHECK;

/* Read the probabilities and check them: the only validator. *score: f4 (C), borrowed from the record. `classes`: those
   of the predictions; empty: not known, any number of values is accepted. 1; 0: no field, *score is NULL; -1 and
   err(ERR_DATA): another type or number of values, a value that is not finite. */
int image_class_read_score(const struct record *r, const struct class_list *classes, const struct tensor **score)
	ERR_CHECK;

/* Put the class in place of the record's. */
void image_class_put(struct record *r, enum image_class_kind kind, int class);

/* Declare the probabilities of so many classes in a header; put them, not set, in place of the record's and return
   them, (count). */
void image_class_declare_score(struct header *h, int count);
float *image_class_put_score(struct record *r, int count);

#endif
