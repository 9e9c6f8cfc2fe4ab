/* folder - the snapshots in a run's directory: their names, which there are, clearing away */
#ifndef TRAIN_FOLDER_H
#define TRAIN_FOLDER_H

struct folder_list {
	int count;
	long *steps;		/* ascending; the caller frees it */
};

/* folder/name; RUN/snapshot-00001234 and what follows. free() them. */
char *folder_path(const char *folder, const char *name);
char *folder_snapshot(const char *run, long step, const char *after);

/* The steps of which there are snapshots; none where there is no directory. -1 and err(ERR_INPUT). */
int folder_steps(const char *run, struct folder_list *list);

/* Remove what a kill left half-written. -1 and err(ERR_OUTPUT). */
int folder_clear(const char *run);

/* Remove the oldest snapshots until `keep` are left. -1 and err(ERR_OUTPUT). */
int folder_prune(const char *run, long keep);

/* Make RUN and take it for this process alone, until it ends. The descriptor to hold, or -1 and err():
   ERR_USAGE where another process has it. */
int folder_lock(const char *run);

#endif
