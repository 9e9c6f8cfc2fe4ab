/* predict - a trained model of one task, ready to say what it thinks: what the tools that predict have in common */
#ifndef INFERENCE_PREDICT_H
#define INFERENCE_PREDICT_H

#include "annotation/class_list.h"
#include "checkpoint/model_file.h"
#include "task/task.h"

struct predict {
	struct model_file model;		/* configuration: model.config */
	struct class_list classes;		/* names of what it tells apart */
	struct params params;
	const struct task *task;
	void *self;			/* the task's state */
};

/* Open the model at `path`, which must have been trained for this task; the team loads it. -1 and err() naming the file: ERR_INPUT,
   ERR_DATA a model of another task, or one that is damaged. predict_close() frees what a failure leaves, too. */
int predict_open(struct predict *p, const struct task *task, const char *path, struct pool *team);

void predict_close(struct predict *p);

#endif
