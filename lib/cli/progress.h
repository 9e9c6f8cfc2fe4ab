/* progress - progress of a tool on stderr: one redrawn line on a terminal, else a plain line every 30 s,
   and a summary at the end; nothing with -q */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>

struct progress {
	long records;		/* done */
	long skipped;		/* left out of the output, each with a warning */
	/* records in the output that --strict reports: a defect was repaired; further pages or frames were left out */
	struct progress_count { long count; char first[200]; } repaired, partial;
	long pages;		/* further pages or frames of the partial ones, which are left out */
	long total;		/* expected, 0: unknown */
	const char *noun;	/* what is counted: "images", "records" */
	const char *note;	/* printed after the numbers; NULL: nothing */
	double begun, drawn;	/* times of the start and of the last line, in seconds: set by progress_begin() */
};

/* Start the clock. `noun` is borrowed. */
void progress_begin(struct progress *p, const char *noun);

/* Call after each record; prints a line when one is due (at most 10 times a second). */
void progress_step(struct progress *p);

/* Count a record as repaired or partial; its name and the reason are kept for the summary if it is the first. */
void progress_count(struct progress_count *c, const char *name, const char *what);

/* True if --strict has a reason to fail: records were skipped, repaired or partial. */
bool progress_incomplete(const struct progress *p);

/* Clear the redrawn line before another line is printed. */
void progress_clear(void);

/* Print the summary line: "tscae-mask: 1000 records, 0 skipped, 0.52 s, 1923/s". */
void progress_end(struct progress *p);

/* Seconds of the monotonic clock. */
double progress_clock(void);

#endif
