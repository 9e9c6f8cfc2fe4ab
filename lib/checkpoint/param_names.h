/* param_names - how others call our parameters (timm, MAE, Hugging Face ViTMAE)

   Our names are timm's and MAE's, so their table is the identity and only adds the position tables that we compute. Hugging Face has a name
   of its own for each, and a matrix for each of q, k, v. */
#ifndef CHECKPOINT_PARAM_NAMES_H
#define CHECKPOINT_PARAM_NAMES_H

#include <stdbool.h>

enum param_names_style { PARAM_NAMES_TIMM, PARAM_NAMES_MAE, PARAM_NAMES_HF };

enum { PARAM_NAMES_SIZE = 160 };	/* room for any of the names, at either side */

/* One tensor of theirs: rows part/parts of one of ours. */
struct param_names_slice {
	char name[PARAM_NAMES_SIZE];
	int part, parts;	/* 0 of 1: all of it; 0, 1, 2 of 3: q, k, v */
};

/* What others make of our parameter `ours`: 1 or 3 places. 0: they know nothing like it. */
int param_names_to_foreign(enum param_names_style style, const char *ours, struct param_names_slice places[3]);

/* The reverse. False where the name is not in the table. */
bool param_names_from_foreign(enum param_names_style style, const char *theirs, struct param_names_slice *place);

/* The style of a file with this tensor, told by its name: PARAM_NAMES_HF for a name of Hugging Face's encoder, else PARAM_NAMES_MAE. */
enum param_names_style param_names_guess(const char *theirs);

#endif
