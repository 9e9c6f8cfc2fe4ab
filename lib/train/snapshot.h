/* snapshot - a training run on disk: appears whole, stays until the next one is proven (formats/checkpoint.md)

   RUN/snapshot-00001234/model.safetensors   the weights, what others read
   RUN/snapshot-00001234/state.safetensors   moments, counters, place in the stream, settings
   RUN/latest                                link to the newest
   Written aside, forced to disk, renamed, read back and verified; then `latest` moves; then older ones go. So a
   kill at any moment leaves a whole snapshot. Equal runs give equal bytes: no time, host, path or thread count. */
#ifndef TRAIN_SNAPSHOT_H
#define TRAIN_SNAPSHOT_H

#include "model/classes.h"
#include "train/adamw.h"
#include "train/settings.h"
#include "train/taken.h"

/* Where a run is: all that goes on besides weights and moments. */
struct state {
	long step;		/* steps done */
	long updates;		/* of those that changed the weights */
	long bad;		/* steps without one, in a row, up to now */
	long epoch;		/* of the last picture */
	struct taken taken;	/* pictures of the sequence that were trained on */
	char start[17];		/* hash of the weights that init= brought; "" without */
};

/* What is saved and loaded; all borrowed. */
struct snapshot {
	const char *run;		/* directory */
	struct settings *settings;	/* completed */
	struct config *config;		/* completed */
	struct params *params;
	struct adamw *adamw;
	const struct classes *classes;	/* of the task's head; empty: it tells none */
	struct state *state;
	void (*warn)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

/* Save, and remove all but the newest settings->keep; there must be none of this step yet. -1 and err(ERR_OUTPUT): what was there before is intact. */
int snapshot_save(const struct snapshot *s);

/* Go on from the newest whole snapshot, after clearing away what a kill left; damaged newer ones are named and
   renamed to *.damaged. 1: loaded; 0: there is none; -1 and err(): ERR_USAGE names a setting that differs, ERR_DATA where
   no snapshot is whole or one does not fit the model. */
int snapshot_load(const struct snapshot *s);

/* The same without changing anything in the run: for the other ranks, after the first one has loaded. */
int snapshot_look(const struct snapshot *s);

/* The state of the newest whole snapshot of a run, all 0 if there is none. Changes nothing. -1 and err(ERR_DATA). */
int snapshot_state(const char *run, struct state *state);

#endif
