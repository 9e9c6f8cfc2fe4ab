/* checkpoint_files - the two files of one checkpoint (formats/checkpoint.md) */
#ifndef TRAIN_CHECKPOINT_FILES_H
#define TRAIN_CHECKPOINT_FILES_H

#include "base/err.h"
#include "checkpoint/safetensors.h"
#include "train/checkpoint.h"

/* Write model.safetensors and state.safetensors into a new folder (not synced yet). -1 and err(ERR_OUTPUT). */
int checkpoint_files_write(const struct checkpoint *s, const char *folder) ERR_CHECK;

/* Open both, verify every digest, and check that they belong together. -1 and err(): ERR_INPUT, ERR_DATA. */
int checkpoint_files_open(const char *folder, struct safetensors *model, struct safetensors *state) ERR_CHECK;

/* Load everything from them. -1 and err(): ERR_USAGE names a setting that differs, ERR_DATA. */
int checkpoint_files_read(const struct checkpoint *s, const struct safetensors *model, const struct safetensors *state)
	ERR_CHECK;

/* The counters alone. -1 and err(ERR_DATA). */
int checkpoint_files_state(const struct safetensors *c, struct state *state) ERR_CHECK;

#endif
