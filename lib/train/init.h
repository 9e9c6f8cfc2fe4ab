/* init - what a run takes from the model that it starts from: weights, and for tasks behind pre-training the encoder's sizes */
#ifndef TRAIN_INIT_H
#define TRAIN_INIT_H

#include "model/config.h"
#include "nn/params.h"
#include "task/task.h"

/* For a task behind pre-training, before the configuration is completed: take model, width, depth, heads, patch and
   normalization from the model at `path`, where they were not said. The side of images may differ: positions are computed.
   -1 and err() naming the file. */
int init_adopt(struct config *c, const char *path);

/* After it was completed: does what was said agree with that encoder? -1 and err(ERR_USAGE) naming the setting. */
int init_check(const struct config *c, const char *path);

/* The first weights: random ones from the seed, then those of `path` ("": none). A task behind pre-training takes the
   encoder, which must be there as a whole; pre-training takes all that has the same name. What was taken is told by
   warn. -1 and err() naming the file: ERR_DATA a tensor is missing or of another shape, nothing fits. */
int init_weights(struct params *p, const struct task *task, const struct config *c, uint64_t seed, const char *path, void (*warn)(const char *format, ...));

/* Layer-wise decay: set each parameter's rate to decay^(layers above it), the head's and the final norm's to 1
   (Bao et al., BEiT, ICLR 2022; MAE's fine-tuning). */
void init_rates(struct params *p, int depth, double decay);

#endif
