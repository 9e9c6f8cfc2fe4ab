/* shape - plane figures of unit size, by the question whether a point is inside */
#ifndef DATASET_SHAPE_H
#define DATASET_SHAPE_H

#include <stdbool.h>

enum { SHAPE_COUNT = 10 };

/* Their names, in alphabetical order. */
extern const char *const shape_names[SHAPE_COUNT];

/* True if the point is inside the figure. All figures lie within the unit circle; y points down. */
bool shape_inside(int shape, double x, double y);

#endif
