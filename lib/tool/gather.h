/* gather - the pictures that a command line names: files, folders, archives, lists of names; with their classes */
#ifndef TOOL_GATHER_H
#define TOOL_GATHER_H

#include "data/listing.h"

enum gather_labels { GATHER_NONE, GATHER_DIRS, GATHER_CLS };

struct gather {
	const char *files_from;		/* a file of names, or NULL */
	bool zero;			/* names end in zero bytes */
	int labels;			/* enum gather_labels: folders are classes, or KEY.cls of archives */
	const char *table;		/* lines NAME LABEL, or NULL */
	long count;			/* pictures there must be; -1: any number */
	bool strict;			/* an archive without its end is an error */
};

/* Fill the listing; says on stderr what is odd, dies on errors. Returns how many archives may be cut short: each counts as a
   skipped picture. */
long gather(const struct gather *g, struct listing *l, int n, char **operands);

#endif
