/* knn - k-NN classification: weighted votes of the k nearest neighbors

   Features have unit length, similarity is the cosine, the vote of a neighbor has the weight exp(cosine / temperature)
   (Wu et al., Unsupervised Feature Learning via Non-Parametric Instance Discrimination, CVPR 2018, section 3.4;
   formats/method.md, Recipes). Nothing is trained. */
#ifndef METRICS_KNN_H
#define METRICS_KNN_H

#include "base/pool.h"
#include "metrics/feature_set.h"

enum { KNN_TOP = 5 };	/* classes given for each row, best first */

/* The best classes of each test row: top (test->n, KNN_TOP), -1 if fewer classes got votes. Rows have unit length
   (feature_set_normalize()). k from 1; count: number of classes; temperature above 0. Of equal similarities the earlier
   training row, of equal votes the lower class wins. The result is the same for any number of threads. */
void knn_classify(const struct feature_set *train, const struct feature_set *test, int count, int k, double temperature,
	struct pool *pool, int *top);

#endif
