/* filter - the loop of every tool that reads records and writes records

   A tool is its callback. `each` gets one record alone, so the loop may run it on several threads;
   the output has the order of the input for any number of threads. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "stream/record.h"

#include <stdbool.h>

struct pool;

/* Results of `each`. */
enum {
	FILTER_DROP = 0,	/* leave the record out of the output */
	FILTER_KEEP = 1,
	FILTER_SKIP = 2,	/* cannot process the record: err() gives the reason, the loop warns and counts */
	FILTER_REPAIRED = 3,	/* keep the record, in which a defect was repaired: err() gives it, the loop counts */
	FILTER_PARTIAL = 4	/* keep the record, which is only a part of its source: the same */
};

struct filter {
	/* Turn the header of the input into that of the output. NULL: no change. 0, or -1 and err() (the loop adds the
	   name of the input to ERR_DATA). */
	int (*begin)(void *arg, struct header *h);
	/* Change one record, on thread `worker` (0 .. threads-1); records run side by side. FILTER_KEEP, FILTER_DROP,
	   FILTER_SKIP, FILTER_REPAIRED or FILTER_PARTIAL and err(),
	    or -1 and err() (the loop adds the names of input and record). */
	int (*each)(void *arg, struct record *r, int worker);
	/* Called on one thread for each record that is kept, in the order of the input, before the record is written.
	   May be NULL. 0, or -1 and err(). */
	int (*done)(void *arg, const struct record *r);
	/* Called after the last record: what was left out or repaired, for the closing line (NULL: nothing), which a
	   strict option does not accept. May be NULL. */
	const char *(*note)(void *arg);
	/* Called after the last record. May be NULL. 0, or -1 and err(): the output is not completed. */
	int (*end)(void *arg);
	void *arg;		/* of the callbacks */
	long threads;		/* at least 1: see cli_threads() */
	const char *output;	/* "-" (standard output) or a file */
	/* the exit status is ERR_SKIPPED if any record was skipped, repaired or partial, or if there is a note */
	bool strict;
	struct pool *pool;	/* with `threads` threads, owned by the caller; NULL: the filter makes its own */
};

/* Run the filter over the inputs (none: standard input) as one stream; dies on errors.
   Appends the command line to the history. Returns the exit status, 0 or ERR_SKIPPED. */
int filter(const struct filter *f, int inputs, char **paths);

#endif
