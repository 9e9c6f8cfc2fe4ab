/* detect - object detection: encoder, simple feature pyramid, anchor-free head (formats/method.md, Detection) */
#ifndef TASK_DETECT_H
#define TASK_DETECT_H

#include "model/config.h"
#include "model/encoder.h"
#include "model/fcos.h"
#include "model/fpn.h"
#include "model/token_sequence.h"
#include "task/task.h"

/* The terms of the log, in this order. */
enum detect_term {
	DETECT_CLASS,		/* focal loss, divided by the positive points */
	DETECT_BOX,		/* 1 - GIoU, the mean weighted by centerness */
	DETECT_CENTER,		/* binary cross-entropy, divided by the positive points */
	DETECT_POSITIVES,	/* points with a box, per image */
	DETECT_TERMS
};

/* What detect_task.open() returns. */
struct detect {
	struct config config;	/* completed */
	struct encoder encoder;
	struct fpn fpn;
	struct fcos head;
	struct pos_embed position;	/* for images of config.image */
	struct target_assign points;	/* likewise */
};

extern const struct task detect_task;

#endif
