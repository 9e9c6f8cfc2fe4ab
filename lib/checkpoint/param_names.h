/* param_names - the names of parameters in other programs (timm, MAE, Hugging Face ViTMAE)

   Our names are those of timm and MAE: their table is the identity but for the norm of the mean, plus the position
   embeddings, which are not parameters here. Hugging Face has other names, and separate matrices for q, k and v. */
#ifndef CHECKPOINT_PARAM_NAMES_H
#define CHECKPOINT_PARAM_NAMES_H

#include "base/opt.h"

#include <stdbool.h>

#define PARAM_NAMES_STYLES(X) X(PARAM_NAMES_TIMM, "timm") X(PARAM_NAMES_MAE, "mae") X(PARAM_NAMES_HF, "hf")
enum param_names_style { PARAM_NAMES_STYLES(OPT_CONSTANT) };

enum { PARAM_NAMES_SIZE = 160 };	/* bytes for any name */

/* A parameter, or one of `parts` equal slices of its rows. */
struct param_names_slice {
	char name[PARAM_NAMES_SIZE];
	int part, parts;	/* 0 of 1: the whole; 0, 1, 2 of 3: q, k, v */
};

/* The foreign tensors of our parameter `name`, and their slices of it: returns 1 or 3; 0: none. */
int param_names_to_foreign(enum param_names_style style, const char *name, struct param_names_slice slices[3]);

/* Our parameter for the foreign tensor `name`, and the slice that it is. False: not in the table.
   All the names that these programs have had are known: those of newer versions, of DINOv2 and DeiT. Tensors that are
   no parameters of ours have these names: reg_token, dist_token, blocks.#.ls1.gamma, ls2.gamma,
   encoder_mask_token. */
bool param_names_from_any(enum param_names_style style, const char *name, struct param_names_slice *slice);

/* The length of the prefix of the name of a patch embedding's weight, which all tensors of its encoder have; -1: it is
   not such a name. The name of Hugging Face's model ("vit.") is not part of the prefix. */
int param_names_prefix(const char *name);

/* The style of a foreign tensor's name: PARAM_NAMES_HF for names of Hugging Face's encoder, else PARAM_NAMES_MAE. */
enum param_names_style param_names_guess(const char *name);

#endif
