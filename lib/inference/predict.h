/* predict - a trained model of one task, open for inference, and the state of each thread that runs it */
#ifndef INFERENCE_PREDICT_H
#define INFERENCE_PREDICT_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "checkpoint/model_file.h"
#include "model/encoder.h"
#include "model/token_sequence.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "stream/tensor.h"
#include "task/task.h"

/* Most patches of one image: 16 million pixels at patch 16. More would take gigabytes. */
enum { PREDICT_PATCHES_MAX = 65536 };

struct predict {
	struct model_file model;	/* configuration: model.config */
	struct class_list classes;		/* names of the classes */
	struct params params;
	const struct task *task;
	void *self;			/* the task's state */
};

/* The inference context of one thread, which runs one image after another. */
struct predict_context {
	struct tape tape;
	struct pos_embed position;	/* for images of the size of the last one */
};

/* Open the model at `path`, which must have been trained for this task; the team loads it. -1 and err() naming the
   file: ERR_INPUT, ERR_DATA a model of another task, or a damaged one. predict_close() also frees what a failure
   leaves. */
int predict_open(struct predict *p, const struct task *task, const char *path, struct pool *team) ERR_CHECK;
void predict_close(struct predict *p);

/* Make the context ready for `image` (u8 or u16 H W C, both sizes multiples of the patch): the tape is reset and off,
   the position table is that of the image's grid. -1 and err(ERR_DATA) where the encoder cannot take the image. */
int predict_context_open(struct predict_context *c, const struct tensor *image, const struct encoder *e,
	const struct params *p) ERR_CHECK;
void predict_context_close(struct predict_context *c);

#endif
