/* init - initial weights: random, or from a trained model; a downstream task also takes the sizes of its encoder */
#ifndef TRAIN_INIT_H
#define TRAIN_INIT_H

#include "base/err.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "task/task.h"

#include <stdint.h>

/* The model that a run starts from. It is opened and verified once. */
struct init_model {
	const char *name;		/* the value of init_from; borrowed */
	char *path;			/* of the .safetensors file; NULL: none is open */
	struct safetensors file;
};

/* Open it and verify its digest. -1 and err() naming the file: ERR_INPUT missing, ERR_DATA damaged. */
int init_open(struct init_model *from, const char *name) ERR_CHECK;
void init_close(struct init_model *from);

/* For a downstream task, before the configuration is completed: take unset model, width, depth, heads, patch and
   normalization from the open model. The image size may differ: positions are computed. -1 and err() naming the
   file. */
int init_adopt(struct config *c, const struct init_model *from) ERR_CHECK;

/* Check that the completed configuration fits that encoder. -1 and err(ERR_USAGE) naming the setting. */
int init_check(const struct config *c, const struct init_model *from) ERR_CHECK;

/* Initial weights: random init from the seed, then those of the open model, if one is open. A downstream task loads the
   encoder, which must be complete; pre-training loads all tensors of the same names. warn() prints what was loaded,
   and that epsilon, mean or standard deviation differ. -1 and err() naming the file: ERR_DATA a tensor is missing or
   has another shape, or nothing fits; ERR_USAGE pre-training with other heads. */
int init_weights(struct params *p, const struct task *task, const struct config *c, uint64_t seed,
	const struct init_model *from, void (*warn)(void *arg, const char *format, ...), void *warn_arg) ERR_CHECK;

/* Layer-wise decay: set the learning rate scale of each parameter to decay^(layers above it), of the head and the final
   norm to 1 (Bao et al., BEiT, ICLR 2022; MAE's fine-tuning). */
void init_rates(struct params *p, int depth, double decay);

#endif
