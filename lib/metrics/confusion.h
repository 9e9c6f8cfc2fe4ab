/* confusion - confusion matrix of images or of pixels, intersection over union of classes, accuracy

   IoU of a class = correct / (ground truth + predicted - correct), from one matrix over the whole dataset (Everingham
   et al., The Pascal Visual Object Classes Challenge, IJCV 111, 2015, section 4.2). */
#ifndef METRICS_CONFUSION_H
#define METRICS_CONFUSION_H

#include "metrics/iou.h"

#include <stdbool.h>
#include <stdint.h>

struct class_list;
struct evaluation;

struct confusion {
	int classes;
	long unlabeled;	/* pixels without prediction (ignore index): counted in the last column */
	/* (classes, classes + 1) row: ground truth; column: predicted, the last: a class that is not in the ground
	   truth */
	long *counts;
};

/* The numbers of one class. */
struct confusion_class {
	long correct, gt, predicted;
};

/* Metrics of a matrix. NaN: the mean of no values. */
struct confusion_sums {
	long n, correct;
	int absent;		/* classes in neither ground truth nor predictions */
	double mean_iou;
	double accuracy;	/* correct / n */
	double class_accuracy;	/* mean of correct / ground truth over the classes of the ground truth */
};

struct accuracy {
	long n;			/* images */
	long top1;		/* the best class is correct */
	long top5;		/* one of the best five classes is correct */
};

void confusion_open(struct confusion *c, int classes);

/* Count the pixels of a map. gt_map: ground-truth label -> row, -1: not scored; predicted_map: predicted label ->
   column, -1: the last one; both have 256 entries. */
void confusion_pixels(struct confusion *c, const struct rle *gt, const uint8_t *predicted, const int gt_map[256],
	const int predicted_map[256]);

struct confusion_class confusion_of(const struct confusion *c, int class);

/* NaN for a class in neither ground truth nor predictions. */
double confusion_iou(const struct confusion_class *c);

/* Metrics of `count` classes. `absent_zero`: an absent class counts as 0 in the mean IoU instead of being excluded.
   Those that are left_out of `names` (may be NULL; else one entry for each class) are not scored. */
struct confusion_sums confusion_sum_classes(const struct confusion_class *classes, int count, bool absent_zero,
	const struct class_list *names);

/* The metrics of the classes of a matrix. */
struct confusion_sums confusion_sum(const struct confusion *c, bool absent_zero, const struct class_list *names);

void confusion_close(struct confusion *c);

/* Count one image: `top` holds the five best classes, best first, -1 for none. */
void accuracy_add(struct accuracy *a, int gt, const int top[5]);

/* Bounds of the 95 % interval of correct / n, in 0 .. 1 (Wilson's score interval, JASA 22, 1927). */
void accuracy_interval(long correct, long n, double *low, double *high);

/* Count the images that have a class and a prediction, and their confusion matrix (opened here; confusion_close() it).
   Classes that are left out are not counted. */
void accuracy_count(struct accuracy *a, struct confusion *matrix, const struct evaluation *s);

#endif
