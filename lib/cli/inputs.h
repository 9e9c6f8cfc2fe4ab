/* inputs - the images that a command line names (files, folders, archives, lists of names) and their classes */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "base/opt.h"
#include "dataset/listing.h"

#include <stdbool.h>

#define INPUTS_LABELS(X) X(INPUTS_NONE, "none") X(INPUTS_DIRS, "dirs") X(INPUTS_CLS, "cls")
enum inputs_labels { INPUTS_LABELS(OPT_CONSTANT) };

struct inputs {
	const char *files_from;		/* a file of names, or NULL */
	bool zero;			/* names end in zero bytes */
	int labels;			/* enum inputs_labels: no classes, folders, or KEY.cls in archives */
	const char *table;		/* a file of lines NAME LABEL, or NULL */
	long count;			/* required number of images; -1: any number */
	bool strict; /* errors: an archive without end blocks, a link or subfolder that cannot be opened */
};

/* Fill the listing from n operands; warns about irregular input, dies on errors. Returns the number of skipped
   inputs: links and subfolders that cannot be opened, and archives that may be cut short. */
long inputs(const struct inputs *in, struct listing *l, int n, char **operands);

#endif
