/* pretrain - the task of this project: TSCAE, or MAE as its baseline */
#ifndef TASK_PRETRAIN_H
#define TASK_PRETRAIN_H

#include "model/mae.h"
#include "model/tscae.h"
#include "task/task.h"

/* The terms of the log, in this order (formats/method.md: loss, collapse monitor). */
enum pretrain_term {
	PRETRAIN_PIXEL,	/* loss_pixel: pixels of the masked patches, mean squared error */
	PRETRAIN_CONTRAST,	/* loss_contrast: teacher's prediction of a patch against the student's output */
	PRETRAIN_GLOBAL,	/* loss_global: global query against what the student makes of its masks */
	PRETRAIN_STUDENT_PIXEL,	/* loss_student_pixel: the student's own pixels */
	PRETRAIN_SPREAD,	/* deviation of unit-length student patch vectors x sqrt(D): about 1 healthy, near 0 collapsed */
	PRETRAIN_ENTROPY,	/* of the target of loss_global, in nats; the mean of both where symmetric */
	PRETRAIN_TERMS
};

/* What pretrain_task.open() returns. */
struct pretrain {
	struct config config;	/* completed */
	struct tscae tscae;	/* where config.objective is OBJECTIVE_TSCAE */
	struct mae mae;		/* where it is OBJECTIVE_MAE */
};

extern const struct task pretrain_task;

/* Fill the masked patches of images first .. first+n-1 with what the model predicts for them: out (n, S, S, 3) bytes,
   visible patches as they are. With norm_pix the prediction gets the true patch's mean and deviation back, as is usual for
   such images. The tape should be off. (Open the task with the ratio of the masks at hand: parameters do not depend on it.) */
void pretrain_reconstruct(const struct pretrain *self, struct tape *t, const struct batch *b, int first, int n, uint8_t *out);

#endif
