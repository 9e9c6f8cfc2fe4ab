/* classify - image classification: encoder, mean of the patch outputs, norm, linear (formats/method.md,
   Classification) */
#ifndef TASK_CLASSIFY_H
#define TASK_CLASSIFY_H

#include "model/config.h"
#include "model/encoder.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/tape.h"
#include "task/task.h"

#include <stdint.h>

/* The monitors of the log, beside the loss. */
enum classify_term {
	CLASSIFY_TOP1,	/* fraction of the batch classified correctly; classes of a mixed image count by weight */
	CLASSIFY_TERMS
};

/* What classify_task.open() returns. */
struct classify {
	struct config config;		/* completed */
	struct encoder encoder;
	struct layer head;		/* `head`, as in timm; the norm of the mean is the encoder's */
	struct pos_embed position;	/* for images of config.image */
};

extern const struct task classify_task;

/* Logits (n, C) of n images (n, H, W, C); `position` is open for their grid. noise: of drop path, NULL: none. */
struct var *classify_logits(const struct classify *self, struct tape *t, const struct pos_embed *position,
	const uint8_t *images, int n, int H, int W, const struct noise *noise);

#endif
