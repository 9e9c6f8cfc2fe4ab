/* progress - how far a tool is, on stderr: one redrawn line on a terminal, else a plain line every 30 s,
   and a closing summary; nothing with -q */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

struct progress {
	long records;		/* done */
	long skipped;		/* left out, each named by warn() */
	long total;		/* expected, 0: unknown */
	const char *noun;	/* what is counted: "images", "records" */
	const char *note;	/* stands behind the numbers; NULL: nothing */
	double begun, drawn;	/* seconds: set by progress_begin() */
};

void progress_begin(struct progress *p, const char *noun);

/* Call after each record; draws when it is time to (at most 10 times a second). */
void progress_step(struct progress *p);

/* Clear the redrawn line, so that another line can be printed. */
void progress_clear(void);

/* The summary line: "tscae-mask: 1000 records, 0 skipped, 0.52 s, 1923/s". */
void progress_end(struct progress *p);

/* Seconds since some fixed moment (monotonic clock). */
double progress_clock(void);

#endif
