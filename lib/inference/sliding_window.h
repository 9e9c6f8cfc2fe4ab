/* sliding_window - semantic segmentation of an image of any size through overlapping windows */
#ifndef INFERENCE_SLIDING_WINDOW_H
#define INFERENCE_SLIDING_WINDOW_H

#include "base/err.h"
#include "codec/image.h"
#include "inference/predict.h"
#include "nn/params.h"
#include "task/segment.h"

#include <stdint.h>

struct sliding_window {
	int width, height;	/* the image is resized to this first; its own size: it is not resized */
	int crop;		/* size of a window, a multiple of the patch */
	int stride;		/* pixels from one window to the next, 1 .. crop; the last window ends with the image */
};

/* The class of each pixel of `from` (the channels and depth of the model) into labels (height, width of `from`).
   Windows reach beyond a smaller image, where they are padded with the mean color. Logits of overlapping windows are
   averaged; those of a resized image are resampled to the size of `from` before the argmax. Memory: (crop + 1) x width
   x C floats. -1 and err(ERR_DATA) where the encoder does not take images of the size of a window. */
int sliding_window_segment(const struct segment *self, struct predict_context *context, const struct params *p,
	const struct image *from, const struct sliding_window *s, uint8_t *labels) ERR_CHECK;

#endif
