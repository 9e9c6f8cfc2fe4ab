/* detect - objects in images: encoder, simple feature pyramid, anchor-free head (formats/method.md, Detection) */
#ifndef TASK_DETECT_H
#define TASK_DETECT_H

#include "model/encoder.h"
#include "model/fcos.h"
#include "task/target_assign.h"
#include "inference/nms.h"
#include "task/task.h"

/* The terms of the log, in this order. */
enum detect_term {
	DETECT_CLASS,		/* focal loss, by positive place */
	DETECT_BOX,		/* 1 - GIoU, the mean weighted by centerness */
	DETECT_CENTER,		/* binary cross-entropy, by positive place */
	DETECT_POSITIVES,	/* places that have a box, by image */
	DETECT_TERMS
};

/* What detect_task.open() returns. */
struct detect {
	struct config config;	/* completed */
	struct encoder encoder;
	struct fpn fpn;
	struct fcos head;
	struct pos_embed position;	/* of images of config.image */
	struct target_assign places;		/* the same */
};

extern const struct task detect_task;

struct detections_options {
	float score;		/* boxes below are not given */
	float overlap;		/* of two boxes of a class that overlap by more the better stays */
	int most;		/* boxes of an image */
};

/* What is in one image (H, W, 3), both multiples of the patch, `position` open for it; what lies right of `width` or below `height` is
   padding, and boxes end there. Boxes in pixels, best first, into out[o->most]; returns how many. The score is the geometric mean of the
   class's probability and the centerness. The tape should be off and have been reset. */
int detections_find(const struct detect *self, struct tape *t, const struct pos_embed *position, const uint8_t *image, int H, int W, int height, int width, const struct detections_options *o, struct detection *out);

#endif
