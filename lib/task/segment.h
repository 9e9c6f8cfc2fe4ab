/* segment - semantic segmentation: encoder, simple feature pyramid, fused levels (formats/method.md, Segmentation) */
#ifndef TASK_SEGMENT_H
#define TASK_SEGMENT_H

#include "model/config.h"
#include "model/encoder.h"
#include "model/fpn.h"
#include "model/layer.h"
#include "model/token_sequence.h"
#include "nn/tape.h"
#include "task/task.h"

#include <stdint.h>

/* The monitors of the log, beside the loss. */
enum segment_term {
	SEGMENT_ACCURACY,	/* fraction of the pixels that are not ignored, classified correctly */
	SEGMENT_TERMS
};

/* What segment_task.open() returns. */
struct segment {
	struct config config;		/* completed */
	struct encoder encoder;
	struct fpn fpn;
	int fuse;			/* weight of the 3x3 convolution, which has no bias */
	struct layer fuse_norm, head;
	struct pos_embed position;	/* for images of config.image */
};

extern const struct task segment_task;

/* Logits (n, rows, columns, C) of n images (n, H, W, C) at the size of the pyramid's finest level (fpn_grid);
   `position` is open for the grid of the images. noise: of drop path, NULL: none. */
struct var *segment_logits(const struct segment *self, struct tape *t, const struct pos_embed *position,
	const uint8_t *images, int n, int H, int W, const struct noise *noise);

#endif
