/* pretrain - self-supervised pre-training: TSCAE, or MAE as the baseline */
#ifndef TASK_PRETRAIN_H
#define TASK_PRETRAIN_H

#include "base/err.h"
#include "model/config.h"
#include "model/mae.h"
#include "model/tscae.h"
#include "nn/tape.h"
#include "task/batch.h"
#include "task/task.h"

#include <stdint.h>

/* The terms of the log, in this order (formats/method.md: loss, collapse monitor). */
enum pretrain_term {
	PRETRAIN_PIXEL,		/* loss_pixel: mean squared error of the pixels of the masked patches */
	PRETRAIN_IMAGE,		/* loss_image_contrast: vector of the teacher against that of the student, by image */
	PRETRAIN_PATCH,		/* loss_patch_contrast: outputs of the decoder against those of the student, by patch */
	PRETRAIN_STUDENT_PIXEL,	/* loss_student_pixel: mean squared error of the student's pixels */
	PRETRAIN_SPREAD,	/* std of unit-length student patches x sqrt(D): about 1 healthy, near 0 collapsed */
	PRETRAIN_ENTROPY,	/* of the target of image_contrast=crossentropy, in nats; symmetric: mean of both */
	PRETRAIN_TERMS
};

/* What pretrain_task.open() returns. */
struct pretrain {
	struct config config;	/* completed */
	struct tscae tscae;	/* if config.objective is OBJECTIVE_TSCAE */
	struct mae mae;		/* if it is OBJECTIVE_MAE */
	float *vectors;		/* nnclr: the teacher's vectors of the last batch, (N, projection_dim); owned */
};

extern const struct task pretrain_task;

/* Reconstruct images first .. first+n-1: predicted pixels in the masked patches, the input in the visible ones. out (n,
   S, S, C) samples. With norm_pix the prediction is scaled by the mean and standard deviation of the original patch, as
   is usual for such images. -1 and err(ERR_DATA) if a prediction is not finite. The tape should be off. (Open the task
   with the mask ratio of the masks; parameters do not depend on it.) */
int pretrain_reconstruct(const struct pretrain *self, struct tape *t, const struct batch *b, int first, int n,
	uint8_t *out) ERR_CHECK;

#endif
