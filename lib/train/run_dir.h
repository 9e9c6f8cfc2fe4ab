/* run_dir - the checkpoints in a run's directory: their names, which there are, clearing away */
#ifndef TRAIN_RUN_DIR_H
#define TRAIN_RUN_DIR_H

struct run_dir_list {
	int count;
	long *steps;		/* ascending; the caller frees it */
};

/* folder/name; RUN/checkpoint-00001234 and what follows. free() them. */
char *run_dir_path(const char *folder, const char *name);
char *run_dir_checkpoint(const char *run, long step, const char *after);

/* The steps of which there are checkpoints; none where there is no directory. -1 and err(ERR_INPUT). */
int run_dir_steps(const char *run, struct run_dir_list *list);

/* Remove what a kill left half-written. -1 and err(ERR_OUTPUT). */
int run_dir_clear(const char *run);

/* Remove the oldest checkpoints until `keep` are left. -1 and err(ERR_OUTPUT). */
int run_dir_prune(const char *run, long keep);

/* Make RUN and take it for this process alone, until it ends. The descriptor to hold, or -1 and err():
   ERR_USAGE where another process has it. */
int run_dir_lock(const char *run);

#endif
