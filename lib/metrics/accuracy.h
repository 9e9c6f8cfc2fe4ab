/* accuracy - how many were right, and between what bounds the truth lies */
#ifndef METRICS_ACCURACY_H
#define METRICS_ACCURACY_H

#include "metrics/evaluation.h"

struct accuracy {
	long n;			/* scored */
	long right;		/* the best class was the true one */
	long among;		/* the true one was among the best five */
};

/* Count one row: `top` holds the five best classes, best first, -1 for none. */
void accuracy_add(struct accuracy *a, int truth, const int top[5]);

/* Bounds of the 95 % interval of right / n, in 0 .. 1 (Wilson's score interval, JASA 22, 1927). */
void accuracy_interval(long right, long n, double *low, double *high);

/* Count the images of a set that have a class and a prediction, with a table of which class was taken for which
   (opened here; confusion_close() it). Classes that are left out are not counted. */
void accuracy_set(struct accuracy *a, struct confusion *table, const struct evaluation *s);

#endif
