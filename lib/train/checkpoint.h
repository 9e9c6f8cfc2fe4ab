/* checkpoint - a training run on disk: appears whole, stays until the next one is proven (formats/checkpoint.md)

   RUN/checkpoint-00001234/model.safetensors   the weights, what others read
   RUN/checkpoint-00001234/state.safetensors   moments, counters, place in the stream, settings
   RUN/latest                                link to the newest
   Written aside, forced to disk, renamed, read back and verified; then `latest` moves; then older ones go. So a
   kill at any moment leaves a whole checkpoint. Equal runs give equal bytes: no time, host, path or thread count. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "annotation/class_list.h"
#include "train/adamw.h"
#include "train/settings.h"
#include "train/consumed.h"

/* Where a run is: all that goes on besides weights and moments. */
struct state {
	long step;		/* steps done */
	long updates;		/* of those that changed the weights */
	long bad;		/* steps without one, in a row, up to now */
	long epoch;		/* of the last image */
	struct consumed consumed;	/* images of the sequence that were trained on */
	char start[17];		/* hash of the weights that init= brought; "" without */
};

/* What is saved and loaded; all borrowed. */
struct checkpoint {
	const char *run;		/* directory */
	struct settings *settings;	/* completed */
	struct config *config;		/* completed */
	struct params *params;
	struct adamw *adamw;
	const struct class_list *classes;	/* of the task's head; empty: it tells none */
	struct state *state;
	void (*warn)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

/* Save, and remove all but the newest settings->keep_checkpoints; there must be none of this step yet. -1 and err(ERR_OUTPUT): what was there before is intact. */
int checkpoint_save(const struct checkpoint *s);

/* Go on from the newest whole checkpoint, after clearing away what a kill left; damaged newer ones are named and
   renamed to *.damaged. 1: loaded; 0: there is none; -1 and err(): ERR_USAGE names a setting that differs, ERR_DATA where
   no checkpoint is whole or one does not fit the model. */
int checkpoint_load(const struct checkpoint *s);

/* The same without changing anything in the run: for the other ranks, after the first one has loaded. */
int checkpoint_look(const struct checkpoint *s);

/* The state of the newest whole checkpoint of a run, all 0 if there is none. Changes nothing. -1 and err(ERR_DATA). */
int checkpoint_state(const char *run, struct state *state);

#endif
