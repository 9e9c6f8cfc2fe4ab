/* run_dir - the directory of a run: names of checkpoints, list, cleanup, lock */
#ifndef TRAIN_RUN_DIR_H
#define TRAIN_RUN_DIR_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct run_dir_list {
	int count;
	long *steps;		/* ascending; the caller frees it */
	size_t room;
};

/* folder/name; RUN/checkpoint-00001234 and the suffix `after`. free() them. */
char *run_dir_path(const char *folder, const char *name);
char *run_dir_checkpoint(const char *run, long step, const char *after);

/* The steps of all checkpoints; none if there is no directory. -1 and err(): ERR_INPUT, ERR_DATA an older version wrote
   the run. */
int run_dir_steps(const char *run, struct run_dir_list *list) ERR_CHECK;

/* Remove partial checkpoints of a killed run. -1 and err(ERR_OUTPUT). */
int run_dir_clear(const char *run) ERR_CHECK;

/* Remove the oldest checkpoints until `keep` are left. -1 and err(ERR_OUTPUT). */
int run_dir_prune(const char *run, long keep) ERR_CHECK;

/* Create RUN and lock it for this process until it exits. Returns the descriptor of the lock, or -1 and err():
   ERR_USAGE another process holds it. */
int run_dir_lock(const char *run) ERR_CHECK;

/* True if a process of this host holds the lock of RUN. */
bool run_dir_locked(const char *run);

#endif
