/* knn - classes by weighted votes of the k nearest neighbors

   Features have unit length, nearness is the cosine, a neighbor's vote weighs exp(cosine / temperature)
   (Wu et al., Unsupervised Feature Learning via Non-Parametric Instance Discrimination, CVPR 2018, section 3.4;
   formats/method.md, Recipes). A diagnostic of an encoder: nothing is trained. */
#ifndef METRICS_KNN_H
#define METRICS_KNN_H

#include "base/pool.h"

#include <stdbool.h>

enum { KNN_TOP = 5 };	/* classes given for each row, best first */

struct knn_set {
	long n;		/* rows */
	int d;		/* features of a row */
	float *x;	/* (n, d); knn_normalize() makes them unit length */
	int *classes;	/* (n) 0 .. */
	double *draws;	/* (n) a number from 0 to 1 for each record, by its key: those with the least are held out where something is trained */
};

/* Scale each row to unit length; a row of zeros stays. `center`: remove each row's mean first. */
void knn_normalize(struct knn_set *s, bool center);

/* The best classes of each test row: top (test->n, KNN_TOP), -1 where fewer classes got votes. k from 1; count:
   number of classes; temperature over 0. Equal similarities: the earlier training row; equal votes: the lower
   class. The same for any number of threads. */
void knn_classify(const struct knn_set *train, const struct knn_set *test, int count, int k, double temperature, struct pool *pool, int *top);

#endif
