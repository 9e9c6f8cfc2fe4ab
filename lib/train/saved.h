/* saved - the two files of one snapshot (formats/checkpoint.md) */
#ifndef TRAIN_SAVED_H
#define TRAIN_SAVED_H

#include "model/checkpoint.h"
#include "train/snapshot.h"

/* Write model.safetensors and state.safetensors into a new folder (not forced to disk yet). -1 and err(ERR_OUTPUT). */
int saved_write(const struct snapshot *s, const char *folder);

/* Open both, every digest verified, and prove that they belong together. -1 and err(): ERR_INPUT, ERR_DATA. */
int saved_open(const char *folder, struct checkpoint *model, struct checkpoint *state);

/* Take everything from them. -1 and err(): ERR_USAGE names what differs from the settings, ERR_DATA. */
int saved_read(const struct snapshot *s, const struct checkpoint *model, const struct checkpoint *state);

/* The counters alone. -1 and err(ERR_DATA). */
int saved_state(const struct checkpoint *state, struct state *out);

#endif
