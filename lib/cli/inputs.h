/* inputs - the images that a command line names: files, folders, archives, lists of names; with their classes */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "dataset/listing.h"

enum inputs_labels { INPUTS_NONE, INPUTS_DIRS, INPUTS_CLS };

struct inputs {
	const char *files_from;		/* a file of names, or NULL */
	bool zero;			/* names end in zero bytes */
	int labels;			/* enum inputs_labels: folders are classes, or KEY.cls of archives */
	const char *table;		/* lines NAME LABEL, or NULL */
	long count;			/* images there must be; -1: any number */
	bool strict;			/* errors: an archive without its end, a link or subfolder that cannot be opened */
};

/* Fill the listing; warns of what is odd, dies on errors. Returns the number of skipped inputs: links and subfolders
   that cannot be opened, and archives that may be cut short. */
long inputs(const struct inputs *g, struct listing *l, int n, char **operands);

#endif
