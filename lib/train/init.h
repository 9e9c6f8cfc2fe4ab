/* init - what a run takes from the model that it starts from: weights, and for tasks behind pre-training the encoder's
   sizes */
#ifndef TRAIN_INIT_H
#define TRAIN_INIT_H

#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "task/task.h"

/* The model that a run starts from. It is opened and verified once. */
struct init_model {
	const char *name;		/* as the settings have it; borrowed */
	char *path;			/* of the .safetensors file; NULL: none is open */
	struct safetensors file;
};

/* Open it and verify its digest. -1 and err() naming the file: ERR_INPUT missing, ERR_DATA damaged. */
int init_open(struct init_model *from, const char *name);
void init_close(struct init_model *from);

/* For a task behind pre-training, before the configuration is completed: take model, width, depth, heads, patch and
   normalization from the open model, where they were not said. The side of images may differ: positions are computed.
   -1 and err() naming the file. */
int init_adopt(struct config *c, const struct init_model *from);

/* After it was completed: does what was said agree with that encoder? -1 and err(ERR_USAGE) naming the setting. */
int init_check(const struct config *c, const struct init_model *from);

/* The first weights: random ones from the seed, then those of the open model (none where none is open). A task behind pre-training takes the
   encoder, which must be there as a whole; pre-training takes all that has the same name. What was taken is told by
   warn. -1 and err() naming the file: ERR_DATA a tensor is missing or of another shape, nothing fits. */
int init_weights(struct params *p, const struct task *task, const struct config *c, uint64_t seed, const struct init_model *from, void (*warn)(const char *format, ...));

/* Layer-wise decay: set each parameter's rate to decay^(layers above it), the head's and the final norm's to 1
   (Bao et al., BEiT, ICLR 2022; MAE's fine-tuning). */
void init_rates(struct params *p, int depth, double decay);

#endif
