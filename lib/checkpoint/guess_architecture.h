/* guess_architecture - the configuration of a foreign ViT or MAE, from its config.json and the shapes of its tensors

   No shape depends on the number of heads, the layer norm epsilon, or the mean and standard deviation of the pixels:
   config.json or the caller has them; a value that neither has is an error. */
#ifndef CHECKPOINT_GUESS_ARCHITECTURE_H
#define CHECKPOINT_GUESS_ARCHITECTURE_H

#include "base/err.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/param_names.h"
#include "model/config.h"

struct guess {
	const struct foreign_file *file;
	char prefix[PARAM_NAMES_SIZE];	/* of each name: "", "module." */
	enum param_names_style style;
};

/* Given by the caller; 0 (norm_eps: negative): unknown. */
struct guess_known {
	long heads, decoder_heads;
	long image;			/* image size in pixels */
	double norm_eps;
};

/* Set prefix (from the names where `prefix` is empty) and style. -1 and err(): ERR_DATA not a ViT, ERR_USAGE several
   encoders, of which the caller must choose. */
int guess_open(struct guess *f, const struct foreign_file *file, const char *prefix) ERR_CHECK;

/* A name without the prefix; NULL if the name does not begin with it. Borrowed from `name`. */
const char *guess_name(const struct guess *f, const char *name);

/* The tensor for our parameter `name` (for q, k, v: the first of them) or for another name of param_names_from_any();
   NULL: none. */
const struct tensor *guess_find(const struct guess *f, const char *name);

/* Is there a computation in the model that ours do not have? -1 and err(ERR_DATA) with its name and the tensor. */
int guess_supported(const struct guess *f) ERR_CHECK;

/* The completed configuration, but for variant.position_grid; the objective is MAE if there is a decoder. -1 and err():
   ERR_DATA if it is not a ViT, ERR_USAGE if the caller must give a value or gives one that does not fit the shapes. */
int guess_config(const struct guess *f, const struct guess_known *known, struct config *c) ERR_CHECK;

/* The rows of the position table that come before those of the patches, for an image of c->image pixels (0: any, it is
   then set); -1 and err(). */
int guess_position_tokens(const struct guess *f, struct config *c, long *grid) ERR_CHECK;

#endif
