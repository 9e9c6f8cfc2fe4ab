/* guess_architecture - the configuration of a foreign ViT or MAE, inferred from the names and shapes of its tensors

   No shape depends on the number of heads: it is known for the published widths, given by the caller, or an error. */
#ifndef CHECKPOINT_GUESS_ARCHITECTURE_H
#define CHECKPOINT_GUESS_ARCHITECTURE_H

#include "checkpoint/param_names.h"
#include "model/config.h"

struct guess {
	const struct safetensors *file;
	const char *prefix;		/* of each name: "", "module." */
	enum param_names_style style;	/* set by guess_style() */
};

/* Given by the caller; 0: unknown. */
struct guess_known {
	long heads, decoder_heads;
	long image;			/* image size in pixels */
};

/* Set f->style from the names in the file. */
void guess_style(struct guess *f);

/* A name without the prefix; NULL if the name does not begin with it. Borrowed from `name`. */
const char *guess_name(const struct guess *f, const char *name);

/* The tensor of that rank for our parameter `name` (for q, k, v: the first of them); NULL: none. */
const struct tensor *guess_find(const struct guess *f, const char *name, int rank);

/* The completed configuration; the objective is MAE if there is a decoder. -1 and err(): ERR_DATA if it is not a ViT,
   ERR_USAGE if the caller must give a value. */
int guess_config(const struct guess *f, const struct guess_known *known, struct config *c);

#endif
