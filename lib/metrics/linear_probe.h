/* linear_probe - the linear probe: accuracy of one linear layer on frozen features (formats/method.md, Recipes)

   z = (x - mean) / sqrt(variance + 1e-6), both over the training records: batch norm without affine, at its limit; p =
   softmax(w z + b), cross-entropy, SGD with momentum, cosine learning rate down to 0, no weight decay, w and b from 0.
   Several learning rates are tried; the one with the best accuracy on a validation split, a tenth of the training
   records, is used on the test set. */
#ifndef METRICS_LINEAR_PROBE_H
#define METRICS_LINEAR_PROBE_H

#include "base/err.h"
#include "base/pool.h"
#include "metrics/feature_set.h"

enum { LINEAR_PROBE_TRIALS_MAX = 16 };

struct linear_probe {
	int epochs, batch;
	double momentum;
	int count;			/* learning rates to try */
	double learning_rates[LINEAR_PROBE_TRIALS_MAX];
	/* the result */
	double learning_rate;		/* the chosen one: of equally good ones the least */
	long train_count, val_count;	/* records of the training and validation splits */
	long val_correct;		/* correct ones of the validation split */
	float *w, *b;			/* (C, D), (C): with that learning rate; owned */
};

/* The protocol of formats/method.md: 90 epochs of batches of 256, momentum 0.9, learning rates from 0.01 to 1. */
struct linear_probe linear_probe_default(void);

/* Split off a tenth of the records (rounded up), train on the others, choose. count: number of classes. -1 and
   err(ERR_DATA): no record is left to train on. The result is the same for any number of threads. linear_probe_free()
   it. */
ERR_CHECK int linear_probe_train(struct linear_probe *l, const struct feature_set *train, int count, struct pool *pool);

/* The best classes of each test row: top (test->n, KNN_TOP), -1 if there are fewer. Of equal scores the lower class
   wins. */
void linear_probe_classify(const struct linear_probe *l, const struct feature_set *test, int count, struct pool *pool,
	int *top);

void linear_probe_free(struct linear_probe *l);

#endif
