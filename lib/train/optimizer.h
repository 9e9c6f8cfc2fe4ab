/* optimizer - AdamW, gradient clipping, learning-rate schedule

   m = b1 m + (1 - b1) g
   v = b2 v + (1 - b2) g g
   w = w - lr (decay w + m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + eps))
   t counts the updates, from 1; lr is multiplied by the lr_scale of the parameter; decay applies only where the
   parameter has it; frozen parameters do not change. Loshchilov and Hutter, "Decoupled weight decay regularization",
   ICLR 2019, algorithm 2.

   The learning rate of step s = 0 .. n-1 rises linearly over w steps, then falls as half a cosine:
   lr(s) = peak (s + 1) / w                                             s < w
   lr(s) = least + (peak - least) (1 + cos(pi (s - w) / (n - w))) / 2   otherwise
   The first step does not have learning rate 0; the step after the last would have `least`.
   Loshchilov and Hutter, "SGDR", ICLR 2017; warm-up: Goyal et al., arXiv 1706.02677, section 2.2. */
#ifndef TRAIN_OPTIMIZER_H
#define TRAIN_OPTIMIZER_H

#include "base/opt.h"
#include "nn/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A moment in 8 bits: one code per number, one scale per block.

   A number is scale * level(code), scale the largest magnitude of its block. The 256 levels are 0, 1 and, for each
   decade 10^-6 .. 1 in steps of 10, the middles of 2^i equal parts of 0.1 .. 1 of it (i = 0 .. 6 from the smallest;
   signed), or of 2^(i + 1) parts (unsigned): relative precision where the numbers are large, seven decades of range.
   Dettmers, Lewis, Shleifer, Zettlemoyer, "8-bit Optimizers via Block-wise Quantization", ICLR 2022, sections 2.1
   and 2.2 (dynamic tree quantization).

   The nearest level is taken. An unsigned number above 0 never becomes 0: with a second moment of 0, a first moment
   that is not 0 would make an update of any size. */
enum { MOMENT8_BLOCK = 256 };

struct moment8 {
	bool is_signed;		/* first moment; the second is never negative */
	uint8_t *codes;		/* laid out as the parameters; owned */
	float *scales;		/* of the blocks, moment8_block(); owned */
};

/* Allocate a moment of zeros. */
void moment8_open(struct moment8 *m, const struct params *p, bool is_signed);
void moment8_close(struct moment8 *m);

/* Blocks of a parameter begin at its first number; the last one may be shorter. */
size_t moment8_blocks(const struct param *q);
/* Index in `scales` of the first block of parameter number i; the others follow. */
size_t moment8_block(const struct params *p, int i);

/* The n numbers (1 .. 256) of a block: at codes[at ..], with scales[block]. */
void moment8_read(const struct moment8 *m, size_t at, size_t block, int n, float *x);
void moment8_write(const struct moment8 *m, size_t at, size_t block, int n, const float *x);

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
