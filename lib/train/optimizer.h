/* optimizer - AdamW, gradient clipping, learning-rate schedule

   m = b1 m + (1 - b1) g v = b2 v + (1 - b2) g g w = w - lr (decay w + m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps)) t
   counts the updates, from 1; lr is multiplied by the lr_scale of the parameter; decay applies only where the parameter
   has it; frozen parameters do not change. Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019,
   algorithm 2.

   The learning rate of step s = 0 .. n-1 rises linearly over w steps, then falls as half a cosine:
   lr(s) = peak (s + 1) / w                                             s < w
   lr(s) = least + (peak - least) (1 + cos(pi (s - w) / (n - w))) / 2   otherwise
   The first step does not have learning rate 0; the step after the last would have `least`.
   Loshchilov and Hutter, "SGDR", ICLR 2017; warm-up: Goyal et al., arXiv 1706.02677, section 2.2. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "base/opt.h"
#include "nn/params.h"
#include "train/moment8.h"

#include <stddef.h>

#define ADAMW_MOMENTS(X) X(MOMENTS_F32, "f32") X(MOMENTS_8BIT, "8bit")
enum moments { ADAMW_MOMENTS(OPT_CONSTANT) };

struct adamw {
	double beta1, beta2;	/* 0 .. 1, 1 excluded */
	double eps;
	double decay;		/* weight decay, per unit of learning rate */
	enum moments moments;
	long updates;		/* t so far: 0 before the first */
	float *m, *v;		/* moments, laid out as the parameters; NULL with MOMENTS_8BIT; owned */
	struct moment8 m8, v8;	/* moments with MOMENTS_8BIT */
};

struct schedule {
	double peak, least;	/* learning rates */
	long warmup;		/* w, in steps */
	long steps;		/* n */
};

/* Allocate zeroed moments for the parameters. The caller has set `moments`, and sets beta1, beta2, eps and decay. */
void adamw_open(struct adamw *a, const struct params *p);

/* One update of all parameters with the gradient scale * grads at learning rate lr; counts it. */
void adamw_update(struct adamw *a, struct params *p, const float *grads, double scale, double lr);

/* The same for the floats from .. to-1 of the block, as update number t (from 1); the caller counts. Ranges may run in
   parallel. With MOMENTS_8BIT a range updates the whole moment blocks that begin in it. */
void adamw_range(const struct adamw *a, struct params *p, const float *grads, double scale, double lr, long t,
	size_t from, size_t to);

/* The factor that clips a gradient of Euclidean norm `norm` to `clip` (0: no clipping): 0 .. 1. */
double adamw_scale(double norm, double clip);

void adamw_close(struct adamw *a);

/* The learning rate of step `step`. */
double schedule_lr(const struct schedule *s, long step);

#endif
