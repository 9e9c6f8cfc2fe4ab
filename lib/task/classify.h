/* classify - one class for each image: encoder, mean of its patches, norm, linear (formats/method.md, Classification) */
#ifndef TASK_CLASSIFY_H
#define TASK_CLASSIFY_H

#include "model/encoder.h"
#include "task/task.h"

/* The monitors of the log, beside the loss. */
enum classify_term {
	CLASSIFY_TOP1,	/* share of the batch whose class is told right; of a mixed image, each of its classes for its part */
	CLASSIFY_TERMS
};

/* What classify_task.open() returns. */
struct classify {
	struct config config;		/* completed */
	struct encoder encoder;
	struct layer norm, head;		/* fc_norm, head: timm's names */
	struct pos_embed position;	/* for images of the configuration's side */
};

extern const struct task classify_task;

/* Logits (n, C) of n images (n, H, W, 3), for whose grid `position` is open. noise: of drop path, NULL for none. */
struct var *classify_logits(const struct classify *self, struct tape *t, const struct pos_embed *position, const uint8_t *images, int n, int H, int W, const struct noise *noise);

#endif
