/* adamw - Adam with decoupled weight decay

   m = b1 m + (1 - b1) g      v = b2 v + (1 - b2) g g
   w = w - lr (decay w + m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps))
   t counts the updates, from 1; lr is multiplied by the parameter's own rate; decay only where the parameter says so; frozen parameters are left alone.
   Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2. */
#ifndef TRAIN_ADAMW_H
#define TRAIN_ADAMW_H

#include "nn/params.h"

struct adamw {
	double beta1, beta2;	/* 0 .. 1, 1 excluded */
	double eps;
	double decay;		/* weight decay, per unit of learning rate */
	long updates;		/* t so far: 0 before the first */
	float *m, *v;		/* moments, laid out as the parameters; owned */
};

/* Take zeroed moments for the parameters. The numbers above are the caller's to set. */
void adamw_open(struct adamw *a, const struct params *p);

/* One update of all parameters with the gradient scale * grads at learning rate lr; counts it. */
void adamw_update(struct adamw *a, struct params *p, const float *grads, double scale, double lr);

/* The same for the floats from .. to-1 of the block alone, as update number t (from 1); the caller counts.
   Ranges may run side by side. */
void adamw_range(const struct adamw *a, struct params *p, const float *grads, double scale, double lr, long t, size_t from, size_t to);

/* What clipping to a global norm of `clip` (0: none) multiplies a gradient of that norm with: 0 .. 1. */
double adamw_scale(double norm, double clip);

void adamw_close(struct adamw *a);

#endif
