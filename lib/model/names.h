/* names - how others call our parameters (timm, MAE, Hugging Face ViTMAE)

   Our names are timm's and MAE's, so their table is the identity and only adds the position tables that we compute. Hugging Face has a name
   of its own for each, and a matrix for each of q, k, v. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include <stdbool.h>

enum names_style { NAMES_TIMM, NAMES_MAE, NAMES_HF };

enum { NAMES_SIZE = 160 };	/* room for any of the names, at either side */

/* One tensor of theirs: rows part/parts of one of ours. */
struct names_place {
	char name[NAMES_SIZE];
	int part, parts;	/* 0 of 1: all of it; 0, 1, 2 of 3: q, k, v */
};

/* What others make of our parameter `ours`: 1 or 3 places. 0: they know nothing like it. */
int names_theirs(enum names_style style, const char *ours, struct names_place places[3]);

/* The reverse. False where the name is not in the table. */
bool names_ours(enum names_style style, const char *theirs, struct names_place *place);

/* The style of a file with this tensor, told by its name: NAMES_HF for a name of Hugging Face's encoder, else NAMES_MAE. */
enum names_style names_guess(const char *theirs);

#endif
