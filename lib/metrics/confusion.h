/* confusion - which class was taken for which: counts of images or of pixels, and what follows from them

   Intersection over union of a class = right / (true + predicted - right), from one table over the whole set
   (Everingham et al., The Pascal Visual Object Classes Challenge, IJCV 111, 2015, section 4.2). */
#ifndef METRICS_CONFUSION_H
#define METRICS_CONFUSION_H

#include "metrics/runs.h"

struct confusion {
	int classes;
	long silent;	/* pixels without prediction, those of label 255: they are in the last column */
	long *counts;	/* (classes, classes + 1) row: true class; column: predicted, the last one for classes that the truth has not */
};

/* What a table comes to. NaN where there is nothing to take the mean of. */
struct confusion_sums {
	long n, right;
	int absent;		/* classes that neither truth nor predictions have: left out of the means */
	double mean_iou;
	double accuracy;	/* right / n */
	double class_accuracy;	/* mean over the classes that the truth has of right / true */
};

void confusion_open(struct confusion *c, int classes);

/* `n` more of class `truth` that were taken for `said` (-1: a class that the truth has not). */
void confusion_add(struct confusion *c, int truth, int said, long n);

/* Count the pixels of a map. truth_map: true label -> row, -1: not scored; said_map: predicted label -> column, -1: the
   last one; both have 256 entries. Returns the first pixel whose predicted label is `out` or more and not 255, with
   nothing counted; -1: all was counted. */
long confusion_pixels(struct confusion *c, const struct runs *truth, const uint8_t *said, const int truth_map[256], const int said_map[256], int out);

/* NaN for a class that is nowhere. */
double confusion_iou(const struct confusion *c, int class);

/* How many there are of a class in truth, and in the predictions. */
long confusion_true(const struct confusion *c, int class);
long confusion_said(const struct confusion *c, int class);

/* `absent_zero`: a class that is nowhere counts as 0 in place of being left out of the mean. `left_out` (may be NULL):
   classes that are not scored at all. */
struct confusion_sums confusion_sum(const struct confusion *c, int absent_zero, const _Bool *left_out);

void confusion_close(struct confusion *c);

#endif
