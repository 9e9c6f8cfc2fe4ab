/* infer - what a foreign ViT or MAE is, told by the names and shapes of its tensors

   Heads do not stand in any shape: they are known for the published widths, or said by the caller, or an error. */
#ifndef MODEL_INFER_H
#define MODEL_INFER_H

#include "model/checkpoint.h"
#include "model/config.h"
#include "model/names.h"

struct infer {
	const struct checkpoint *file;
	const char *prefix;		/* stands before each name: "", "module." */
	enum names_style style;		/* set by infer_style() */
};

/* What the caller knows; 0: nothing. */
struct infer_said {
	long heads, decoder_heads;
	long image;			/* picture side */
};

/* Find out whose names they are. */
void infer_style(struct infer *f);

/* A name without the prefix; NULL where the prefix does not stand there. Borrowed from `name`. */
const char *infer_name(const struct infer *f, const char *name);

/* The tensor of that rank which is ours of that name (for q, k, v: the first of them); NULL: none. */
const struct tensor *infer_find(const struct infer *f, const char *ours, int rank);

/* The completed configuration. With a decoder its objective is MAE. -1 and err(): ERR_DATA where it is no ViT, ERR_USAGE where
   something must be said. */
int infer_config(const struct infer *f, const struct infer_said *said, struct config *c);

#endif
