/* contrast - the losses between teacher and student (formats/method.md, Contrast): of whole images and of patches */
#ifndef TASK_CONTRAST_H
#define TASK_CONTRAST_H

#include "model/config.h"
#include "model/token_sequence.h"
#include "model/tscae.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "task/batch.h"
#include "task/task.h"

#include <stdbool.h>

/* Does a loss of this step need the student? */
bool contrast_needs_student(const struct config *c, long step);

/* image_contrast=crossentropy, for the n images of a micro-batch: cross-entropy between softmax distributions over the
   channels of the global query's output d (n, D) and of the student's mean over its mask tokens (n, D), in one or both
   directions. Adds to `sum` and to the terms `out`. */
void contrast_crossentropy(const struct config *c, struct tape *t, int n, const struct batch *b, struct var *d,
	struct var *masked, struct loss_sum *sum, double *out);

/* Append the outputs of a micro-batch that contrast_batch_loss() needs to the coupled outputs of `out`. */
void contrast_couple(const struct config *c, struct tape *t, const struct mask_index *m,
	const struct tscae_outputs *teacher, const struct tscae_decoded *decoded, const struct tscae_outputs *student,
	struct part_loss *out);

/* task->batch_loss of pre-training (self: struct pretrain): the losses that couple the images, of the inputs that
   contrast_couple() appended, and the collapse monitor. */
void contrast_batch_loss(void *self, struct tape *t, const struct batch *b, struct var *const *inputs,
	struct part_loss *out);

/* task->after_step of pre-training. nnclr: the teacher's vectors of this batch, at unit length, replace the oldest ones
   of the queue. */
void contrast_after_step(void *self, struct params *p, const struct batch *b);

#endif
