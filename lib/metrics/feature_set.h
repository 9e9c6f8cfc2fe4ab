/* feature_set - rows of features with their classes, read from a stream into memory */
#ifndef METRICS_FEATURE_SET_H
#define METRICS_FEATURE_SET_H

#include "annotation/class_list.h"
#include "metrics/knn.h"

/* Read a stream ("-": standard input) into a set: `feature` (f4, any rank, one size) or, with `pixels`,
   `image` (u8, one size), and `class`. Classes are matched by name (header `classes`): a class that is not
   in `classes` is added where `grow`, else an error. -1 and err(): ERR_DATA no field, no class, another size,
   unknown class. Free with feature_set_free(). */
int feature_set_read(struct knn_set *s, struct class_list *classes, bool grow, bool pixels, const char *path);

void feature_set_free(struct knn_set *s);

#endif
