/* segment - a class for each pixel: encoder, simple feature pyramid, its levels fused (formats/method.md, Segmentation) */
#ifndef TASK_SEGMENT_H
#define TASK_SEGMENT_H

#include "codec/image.h"
#include "inference/context.h"
#include "model/encoder.h"
#include "model/fpn.h"
#include "task/task.h"

/* The monitors of the log, beside the loss. */
enum segment_term {
	SEGMENT_ACCURACY,	/* share of the batch's counted pixels whose class is told right */
	SEGMENT_TERMS
};

/* What segment_task.open() returns. */
struct segment {
	struct config config;		/* completed */
	struct encoder encoder;
	struct fpn fpn;
	int fuse;			/* weight of the 3x3 convolution, without bias before its norm */
	struct layer fuse_norm, head;
	struct pos_embed position;	/* for images of the configuration's side */
};

extern const struct task segment_task;

/* Logits (n, rows, columns, C) of n images (n, H, W, 3), for whose grid `position` is open, at the size of the pyramid's
   finest level (fpn_grid). noise: of drop path, NULL for none. */
struct var *segment_logits(const struct segment *self, struct tape *t, const struct pos_embed *position, const uint8_t *images, int n, int H, int W, const struct noise *noise);

/* How an image of any size is looked at. */
struct sliding_window {
	int width, height;	/* what it is resized to first; its own: nothing is resized */
	int crop;		/* side of a window, a multiple of the patch */
	int stride;		/* pixels from one window to the next, 1 .. crop; the last one ends with the image */
};

/* The class of each pixel of `from` (3 channels) into labels (height, width of `from`). Windows reach beyond a smaller image,
   where they are padded with the mean color; where windows overlap their logits are averaged, and what was resized is
   resampled back before the greatest one is taken. Memory: (crop + 1) x width x C floats. -1 and err(ERR_DATA) where the crop is
   nothing that the encoder takes. */
int sliding_window_segment(const struct segment *self, struct predict_context *d, const struct params *p, const struct image *from, const struct sliding_window *slide, uint8_t *labels);

#endif
