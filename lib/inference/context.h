/* context - where one thread looks at one image after another: its tape, and the position table of the last size */
#ifndef INFERENCE_CONTEXT_H
#define INFERENCE_CONTEXT_H

#include "model/encoder.h"
#include "stream/tensor.h"

/* Most patches of one image: 16 million pixels at patch 16. More would ask for gigabytes. */
enum { PREDICT_PATCHES_MAX = 65536 };

struct predict_context {
	struct tape tape;
	struct pos_embed position;	/* for images of the size of the last one */
};

/* Make ready for `image` (u8 H W 3, both sides multiples of the patch): the tape is reset and off, the position table is
   that of its grid. -1 and err(ERR_DATA) where the encoder cannot take it. */
int predict_context_open(struct predict_context *d, const struct tensor *image, const struct encoder *e, const struct params *p);

void predict_context_close(struct predict_context *d);

#endif
