/* filter - the loop of every tool that reads records and writes records

   A tool is its callback. `each` looks at one record alone, so the loop may run it on several threads;
   the output has the order of the input whatever their number. */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "stream/record.h"
#include "cli/cli.h"

#include <stdbool.h>

struct pool;

enum {
	FILTER_DROP = 0,	/* not for the output */
	FILTER_KEEP = 1,
	FILTER_SKIP = 2		/* should be there, cannot: err() says why, the loop warns and counts */
};

struct filter {
	/* Look at the header of the input and make it that of the output. May be NULL. 0, or -1 and err(). */
	int (*begin)(struct header *h);
	/* Change one record. FILTER_KEEP, FILTER_DROP, FILTER_SKIP and err(), or -1 and err() (the loop adds input and record). */
	int (*each)(struct record *r);
	long threads;		/* 0 or 1: one; `each` must then be safe to run side by side */
	const char *output;	/* "-" or a file; NULL is "-" */
	/* In place of `each`, a tool with a workspace per thread (worker: 0 .. threads-1). */
	int (*each_on)(struct record *r, int worker);
	bool strict;		/* the exit status is ERR_SKIPPED if any record was skipped */
	/* Called for each record that is kept, in the order of the input, before it is written. May be NULL. 0, or -1 and err(). */
	int (*done)(const struct record *r);
	struct pool *pool;	/* of `threads` threads, the caller's; NULL: the filter has its own */
};

/* Run the filter over the inputs (none: standard input) as one stream; dies on errors.
   Appends the command line to the history. Returns the exit status, 0 or ERR_SKIPPED. */
int filter(const struct filter *f, int inputs, char **paths);

#endif
