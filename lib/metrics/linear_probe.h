/* linear_probe - how well one linear layer tells classes by frozen features: the linear probe (formats/method.md, Recipes)

   z = (x - mean) / sqrt(variance + 1e-6), both over the training records: batch norm without affine, at its limit;
   p = softmax(w z + b), cross-entropy, SGD with momentum, a cosine from the rate to 0, no weight decay, w and b from 0. Several rates are
   tried; the one that tells most of a tenth of the training records right, which is held out, is used on the test. */
#ifndef METRICS_LINEAR_PROBE_H
#define METRICS_LINEAR_PROBE_H

#include "metrics/knn.h"

enum { LINEAR_PROBE_RATES_MAX = 16 };

struct linear_probe {
	int epochs, batch;
	double momentum;
	int count;			/* learning rates to try */
	double rates[LINEAR_PROBE_RATES_MAX];
	/* the result */
	double rate;			/* the one that was chosen: of equal ones the least */
	long trained, held, right;	/* records trained on and held out; of the latter, told right */
	float *w, *b;			/* (C, D), (C): of that rate; owned */
};

/* The protocol of formats/method.md: 90 epochs of batches of 256, momentum 0.9, rates from 0.01 to 1. */
struct linear_probe linear_probe_default(void);

/* Hold out the tenth of the records (rounded up) with the least draws, train on the others, choose. count: number of classes.
   -1 and err(ERR_DATA) where none are left to train on. The same for any number of threads. linear_probe_free() at the end. */
int linear_probe_train(struct linear_probe *l, const struct knn_set *train, int count, struct pool *pool);

/* The best classes of each test row: top (test->n, KNN_TOP), -1 where there are fewer. Equal scores: the lower class. */
void linear_probe_classify(const struct linear_probe *l, const struct knn_set *test, int count, struct pool *pool, int *top);

void linear_probe_free(struct linear_probe *l);

#endif
