/* model_file - a model on disk: its configuration in the metadata, its parameters by name

   A path names a .safetensors file, a checkpoint directory (with model.safetensors) or a run directory (with `latest`).
   The metadata holds the configuration as config.NAME = value, one for each row of config_table(). */
#ifndef CHECKPOINT_MODEL_FILE_H
#define CHECKPOINT_MODEL_FILE_H

#include "base/err.h"
#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "nn/params.h"
#include "stream/tensor.h"

#include <stdbool.h>

struct pool;

struct model_file {
	char *path;			/* of the .safetensors file */
	struct safetensors file;
	struct config config;		/* completed */
};

/* Open a model, verify its digest and read its configuration. -1 and err(): ERR_INPUT where there is no such file,
   ERR_DATA where it is damaged or has no configuration. model_file_close() at the end, also allowed after an error. */
int model_file_open(struct model_file *m, const char *path) ERR_CHECK;

/* Open without verifying the digest: model_file_params_packed() does that. After an error in between,
   model_file_check_error() verifies the digest and, where the file is damaged, replaces the error by that one; it
   returns -1. So each file is hashed once. */
int model_file_open_unverified(struct model_file *m, const char *path) ERR_CHECK;
int model_file_check_error(const struct model_file *m);

/* Check before params_build() that the file has every parameter declared in p, in its shape: then the memory that they
   need is bounded by the size of the file, whatever its configuration says. -1 and err(ERR_DATA). */
int model_file_has_params(const struct model_file *m, const struct params *p) ERR_CHECK;

/* Load every parameter declared in p (after params_build) from the tensor of its name. Other tensors are ignored: to
   load only the encoder, declare only the encoder. -1 and err(ERR_DATA) with the tensor's name: missing, of another
   shape, not of floating point, or with an element that is not finite. */
int model_file_params(const struct model_file *m, struct params *p) ERR_CHECK;

/* Load for inference, after model_file_open_unverified(), with all threads of the pool: parameters are converted to
   the packed layout (params_pack) while one thread verifies the digest. */
int model_file_params_packed(const struct model_file *m, struct params *p, struct pool *pool) ERR_CHECK;

void model_file_close(struct model_file *m);

/* The file that a path names; free() it. The file need not exist. */
char *model_file_path(const char *path);

/* The same for a file to read. NULL and err(ERR_INPUT): a directory without such a file, as that of a run whose link
   `latest` is missing or dangling. */
char *model_file_find(const char *path) ERR_CHECK;

/* Read the configuration, completed, from the metadata of a file that is open; `path` is for messages. -1 and
   err(ERR_DATA). */
int model_file_config(const struct safetensors *file, const char *path, struct config *config) ERR_CHECK;

/* The type and shape of a parameter in a file (data NULL); true if a tensor has that shape. */
struct tensor model_file_shape(const struct param *p);
bool model_file_fits(const struct tensor *t, const struct param *p);

/* Add the configuration to the metadata of a file to write; add the parameters to its tensors. */
void model_file_describe(struct safetensors *c, const struct config *config);
void model_file_add_params(struct safetensors *c, const struct params *p);

#endif
