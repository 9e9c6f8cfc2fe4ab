/* checkpoint - a training run on disk: written atomically, kept until the next one is verified (formats/checkpoint.md)

   RUN/checkpoint-00001234/model.safetensors   the weights, which other tools read
   RUN/checkpoint-00001234/state.safetensors   moments, counters, position in the stream, settings
   RUN/latest                                  link to the newest checkpoint
   A checkpoint is written to a temporary directory, synced, renamed, read back and verified; then `latest` is updated,
   then older ones are removed. So a kill at any moment leaves a whole checkpoint. Equal runs give equal bytes: a
   checkpoint has no time, host, path or thread count. */
#ifndef TRAIN_CHECKPOINT_H
#define TRAIN_CHECKPOINT_H

#include "base/err.h"
#include "train/consumed.h"

#include <stddef.h>

/* The state of a run besides weights and moments. */
struct state {
	long step;		/* steps done */
	long updates;		/* steps that changed the weights */
	long bad;		/* consecutive steps without an update, up to now */
	long epoch;		/* of the last image */
	struct consumed consumed;	/* images of the sequence that the run has trained on */
	char start[17];		/* hash of the weights of init_from; "": random init */
};

/* The parts of a run that are saved and loaded; all borrowed. */
struct checkpoint {
	const char *run;		/* directory */
	struct settings *settings;	/* completed */
	struct config *config;		/* completed */
	struct params *params;
	struct adamw *adamw;
	size_t from, to;		/* the floats of the parameters whose moments are loaded */
	const struct class_list *classes;	/* of the task's head; empty: no classes */
	struct state *state;
	void (*warn)(void *arg, const char *format, ...) __attribute__((format(printf, 2, 3)));
	void *warn_arg;
};

/* Save, and remove all but the newest settings->keep_checkpoints; there must be no checkpoint of this step yet. -1 and
   err(ERR_OUTPUT): the older checkpoints are intact. */
int checkpoint_save(const struct checkpoint *s) ERR_CHECK;

/* Resume from the newest whole checkpoint, after removing partial files of a killed run; damaged newer ones are renamed
   to *.damaged with a warning. 1: loaded; 0: no checkpoint; -1 and err(): ERR_USAGE names a setting that differs,
   or says that an older version, whose metadata differ, wrote the checkpoint; ERR_DATA no checkpoint is whole, one does
   not fit the model, or an older version, whose names differ, wrote the run. */
int checkpoint_load(const struct checkpoint *s) ERR_CHECK;

/* The same without any change on disk: for the other ranks, after rank 0 has loaded. */
int checkpoint_look(const struct checkpoint *s) ERR_CHECK;

/* The state of the newest whole checkpoint of a run, all 0 if it has none. Changes nothing. -1 and err(ERR_DATA). */
int checkpoint_state(const char *run, struct state *state) ERR_CHECK;

#endif
