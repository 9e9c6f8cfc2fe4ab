/* shape - plane figures of unit size, by the question whether a point is inside */
#ifndef DATASET_SHAPE_H
#define DATASET_SHAPE_H

#include <stdbool.h>

enum { SYNTH_CLASSES = 10 };

/* Their names, in alphabetical order. */
extern const char *const synth_classes[SYNTH_CLASSES];

/* True if the point is inside the figure. All figures lie within the unit circle; y points down. */
bool shape_inside(int shape, double x, double y);

#endif
