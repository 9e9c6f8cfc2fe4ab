/* load - a model from disk: its configuration from the metadata, its parameters by name

   A path is a .safetensors file, a snapshot directory (holding model.safetensors) or a run directory
   (holding `latest`). The configuration stands in the metadata as config.NAME = value, one for each row
   of config_table(). */
#ifndef MODEL_LOAD_H
#define MODEL_LOAD_H

#include "model/checkpoint.h"
#include "model/config.h"
#include "nn/params.h"

struct pool;

struct load {
	char *path;			/* the file itself, for messages */
	struct checkpoint file;
	struct config config;		/* completed */
};

/* Open and read the configuration. -1 and err(): ERR_INPUT where there is no such model, ERR_DATA where the file is
   damaged or has no configuration. load_close() at the end. */
int load_open(struct load *l, const char *path);

/* The same before the digest was checked: nothing may be believed until load_packed() was done. Whatever fails before that fails
   as load_doubt() says: err() is what it was, unless the file is damaged, which then is the error. Returns -1. */
int load_open_early(struct load *l, const char *path);
int load_doubt(const struct load *l);

/* Fill every parameter declared in p (after params_build) from the tensor of its name. Tensors that p does not
   declare are left alone, so declaring only the encoder loads only the encoder. -1 and err(ERR_DATA) naming the tensor:
   missing, of another shape, or not of floating point. */
int load_params(const struct load *l, struct params *p);

/* The same for inference, by all threads of the team at once, after load_open_early(): the parameters are laid out on their way
   (params_pack), the digest is checked beside it. */
int load_packed(const struct load *l, struct params *p, struct pool *team);

void load_close(struct load *l);

/* The file that a path means (to be freed by the caller); it need not exist. */
char *load_path(const char *path);

/* A parameter's type and shape as a checkpoint has them (data NULL), and whether a tensor has that shape. */
struct tensor load_shape(const struct param *p);
bool load_fits(const struct tensor *t, const struct param *p);

/* Put the configuration into a checkpoint's metadata, and its parameters with their values among its tensors. */
void load_describe(struct checkpoint *c, const struct config *config);
void load_add_params(struct checkpoint *c, const struct params *p);

#endif
