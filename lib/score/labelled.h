/* labelled - rows of features with their classes, read from a stream into memory */
#ifndef SCORE_LABELLED_H
#define SCORE_LABELLED_H

#include "model/classes.h"
#include "score/knn.h"

/* Read a stream ("-": standard input) into a set: `feature` (f4, any rank, one size) or, with `pixels`,
   `image` (u8, one size), and `class`. Classes are matched by name (header `classes`): a class that is not
   in `classes` is added where `grow`, else an error. -1 and err(): ERR_DATA no field, no class, another size,
   unknown class. Free with labelled_free(). */
int labelled_read(struct knn_set *s, struct classes *classes, bool grow, bool pixels, const char *path);

void labelled_free(struct knn_set *s);

#endif
