/* model_file - a model from disk: its configuration from the metadata, its parameters by name

   A path is a .safetensors file, a checkpoint directory (holding model.safetensors) or a run directory
   (holding `latest`). The configuration stands in the metadata as config.NAME = value, one for each row
   of config_table(). */
#ifndef CHECKPOINT_MODEL_FILE_H
#define CHECKPOINT_MODEL_FILE_H

#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"

struct pool;

struct model_file {
	char *path;			/* the file itself, for messages */
	struct safetensors file;
	struct config config;		/* completed */
};

/* Open and read the configuration. -1 and err(): ERR_INPUT where there is no such model, ERR_DATA where the file is
   damaged or has no configuration. model_file_close() at the end. */
int model_file_open(struct model_file *l, const char *path);

/* The same before the digest was checked: nothing may be believed until model_file_params_packed() was done. Whatever fails before that fails
   as model_file_check_error() says: err() is what it was, unless the file is damaged, which then is the error. Returns -1. */
int model_file_open_unverified(struct model_file *l, const char *path);
int model_file_check_error(const struct model_file *l);

/* Fill every parameter declared in p (after params_build) from the tensor of its name. Tensors that p does not
   declare are left alone, so declaring only the encoder loads only the encoder. -1 and err(ERR_DATA) naming the tensor:
   missing, of another shape, or not of floating point. */
int model_file_params(const struct model_file *l, struct params *p);

/* The same for inference, by all threads of the team at once, after model_file_open_unverified(): the parameters are laid out on their way
   (params_pack), the digest is checked beside it. */
int model_file_params_packed(const struct model_file *l, struct params *p, struct pool *team);

void model_file_close(struct model_file *l);

/* The file that a path means (to be freed by the caller); it need not exist. */
char *model_file_path(const char *path);

/* A parameter's type and shape as a checkpoint has them (data NULL), and whether a tensor has that shape. */
struct tensor model_file_shape(const struct param *p);
bool model_file_fits(const struct tensor *t, const struct param *p);

/* Put the configuration into a checkpoint's metadata, and its parameters with their values among its tensors. */
void model_file_describe(struct safetensors *c, const struct config *config);
void model_file_add_params(struct safetensors *c, const struct params *p);

#endif
