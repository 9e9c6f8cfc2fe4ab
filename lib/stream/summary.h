/* summary - extremes, mean and spread of numbers that come one after the other */
#ifndef STREAM_SUMMARY_H
#define STREAM_SUMMARY_H

#include "stream/tensor.h"

struct summary {
	long count;		/* finite numbers */
	long odd;		/* numbers that are infinite or none */
	double min, max, mean;	/* of the finite ones */
	double square;		/* sum of squared distances from the mean (Welford, Technometrics 4, 1962) */
};

/* Take in all elements of a tensor. Begin with { 0 }. */
void summary_add(struct summary *s, const struct tensor *t);

/* Standard deviation (divided by the count), 0 for none. */
double summary_deviation(const struct summary *s);

#endif
