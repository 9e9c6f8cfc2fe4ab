/* guess_architecture - what a foreign ViT or MAE is, told by the names and shapes of its tensors

   Heads do not stand in any shape: they are known for the published widths, or said by the caller, or an error. */
#ifndef CHECKPOINT_GUESS_ARCHITECTURE_H
#define CHECKPOINT_GUESS_ARCHITECTURE_H

#include "checkpoint/safetensors.h"
#include "model/config.h"
#include "checkpoint/param_names.h"

struct guess {
	const struct safetensors *file;
	const char *prefix;		/* stands before each name: "", "module." */
	enum param_names_style style;		/* set by guess_style() */
};

/* What the caller knows; 0: nothing. */
struct guess_known {
	long heads, decoder_heads;
	long image;			/* image side */
};

/* Find out whose names they are. */
void guess_style(struct guess *f);

/* A name without the prefix; NULL where the prefix does not stand there. Borrowed from `name`. */
const char *guess_name(const struct guess *f, const char *name);

/* The tensor of that rank which is ours of that name (for q, k, v: the first of them); NULL: none. */
const struct tensor *guess_find(const struct guess *f, const char *ours, int rank);

/* The completed configuration. With a decoder its objective is MAE. -1 and err(): ERR_DATA where it is no ViT, ERR_USAGE where
   something must be said. */
int guess_config(const struct guess *f, const struct guess_known *said, struct config *c);

#endif
