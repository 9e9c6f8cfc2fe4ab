/* import - the state of an import, and its parts: configuration, positions, folding */
#ifndef CHECKPOINT_IMPORT_H
#define CHECKPOINT_IMPORT_H

#include "base/err.h"
#include "checkpoint/foreign_file.h"
#include "checkpoint/guess_architecture.h"
#include "stream/tensor.h"

#include <stdbool.h>

struct import {
	const struct exchange_import *how;
	const char *path;
	struct foreign_file file;
	struct guess from;
	struct config *config;
	struct params *params;
	struct class_list *classes;	/* of a classifier; empty: the head is left out */
	bool described;			/* a file of exchange_export() with its configuration */
	bool decoder;			/* the file has the decoder of MAE */
	float *positions;		/* (position_tokens + grid^2, D), as in the file; NULL: none */
	long position_tokens, grid;
	float *scale[2];		/* layer scale of attention and MLP (depth, D); NULL: none */
	long scales[2];			/* blocks that have it */
	unsigned char *loaded;		/* for each parameter, a bit for each of its 3 slices */
	char left_out[200];		/* the first names of tensors that were left out, for one warning */
	int left_out_count;
};

enum { IMPORT_ALL_SLICES = 7 };

/* The elements of a tensor; free() them. NULL and err(). */
float *import_floats(const struct import *in, const char *name, const struct tensor *t) ERR_CHECK;

/* Read the position table of the encoder, and set the configuration's image and position_grid. -1 and err(). */
int import_positions(struct import *in) ERR_CHECK;

/* Compare the decoder's table with the fixed one. -1 and err(). */
int import_check_decoder_positions(const struct import *in, const char *name, const struct tensor *t) ERR_CHECK;

/* Store a learned table in its parameter. */
void import_put_positions(struct import *in);

/* Biases that a model may lack, and which then are zeros: those of q, k and v in all blocks, of the patch embedding, of
   the head. */
void import_allow_no_bias(struct import *in);

/* Fold layer scale and positions of tokens into the loaded weights. -1 and err(). */
int import_fold(struct import *in) ERR_CHECK;

#endif
