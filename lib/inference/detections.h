/* detections - the objects that a trained detector finds in an image: boxes with class and score, after non-maximum
   suppression */
#ifndef INFERENCE_DETECTIONS_H
#define INFERENCE_DETECTIONS_H

#include "base/err.h"
#include "model/token_sequence.h"
#include "nn/tape.h"
#include "task/detect.h"

#include <stdint.h>

struct detection {
	float box[4];		/* left, top, right, bottom in pixels from 0, ends outside */
	float score;		/* 0 .. 1 */
	int class;
};

struct detections_options {
	float score_threshold;	/* boxes of a lower score are left out */
	float iou_threshold;	/* of two boxes of a class that overlap by more, the one of higher score stays */
	int max_detections;	/* boxes of an image */
};

/* Detect the objects of one image (H, W, C). H and W are multiples of the patch, and `position` is open for them;
   pixels right of `width` or below `height` are padding, and boxes end there. Boxes in pixels, highest score first,
   into out[o->max_detections]. Returns their number; -1 and err(ERR_DATA) if an output is not
   finite. The score is the geometric mean of the class probability and the centerness. The tape should be off and have
   been reset. */
int detections_find(const struct detect *self, struct tape *t, const struct pos_embed *position, const uint8_t *image,
	int H, int W, int height, int width, const struct detections_options *o, struct detection *out) ERR_CHECK;

/* Sort by falling score; equal scores by class, then by edges, so that the result does not depend on the order of the
   input. */
void detections_sort(struct detection *list, int count);

/* Non-maximum suppression, class by class: sort, drop each box that overlaps one of higher score of its class by more
   than `iou_threshold`, keep the first `max_detections`. Returns the number of boxes kept. */
int detections_suppress(struct detection *list, int count, float iou_threshold, int max_detections);

#endif
