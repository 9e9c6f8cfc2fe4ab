/* segment - a class for each pixel: encoder, simple feature pyramid, its levels fused (formats/method.md, Segmentation) */
#ifndef TASK_SEGMENT_H
#define TASK_SEGMENT_H

#include "image/picture.h"
#include "model/desk.h"
#include "model/encoder.h"
#include "model/pyramid.h"
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
	struct pyramid pyramid;
	int fuse;			/* weight of the 3x3 convolution, without bias before its norm */
	struct pair fuse_norm, head;
	struct position position;	/* for pictures of the configuration's side */
};

extern const struct task segment_task;

/* Logits (n, rows, columns, C) of n pictures (n, H, W, 3), for whose grid `position` is open, at the size of the pyramid's
   finest level (pyramid_grid). noise: of drop path, NULL for none. */
struct var *segment_logits(const struct segment *self, struct tape *t, const struct position *position, const uint8_t *images, int n, int H, int W, const struct noise *noise);

/* How a picture of any size is looked at. */
struct segment_slide {
	int width, height;	/* what it is resized to first; its own: nothing is resized */
	int crop;		/* side of a window, a multiple of the patch */
	int stride;		/* pixels from one window to the next, 1 .. crop; the last one ends with the picture */
};

/* The class of each pixel of `from` (3 channels) into labels (height, width of `from`). Windows reach beyond a smaller picture,
   where they are padded with the mean colour; where windows overlap their logits are averaged, and what was resized is
   resampled back before the greatest one is taken. Memory: (crop + 1) x width x C floats. -1 and err(ERR_DATA) where the crop is
   nothing that the encoder takes. */
int segment_label(const struct segment *self, struct desk *d, const struct params *p, const struct picture *from, const struct segment_slide *slide, uint8_t *labels);

#endif
