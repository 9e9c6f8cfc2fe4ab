/* progress - progress of a tool on stderr: one redrawn line on a terminal, else a plain line every 30 s,
   and a summary at the end; nothing with -q */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

struct progress {
	long records;		/* done */
	long skipped;		/* left out of the output, each with a warning */
	long mended;		/* in the output, with a defect that was repaired */
	char first_mended[200];	/* name and defect of the first */
	long total;		/* expected, 0: unknown */
	const char *noun;	/* what is counted: "images", "records" */
	const char *note;	/* printed after the numbers; NULL: nothing */
	double begun, drawn;	/* times of the start and of the last line, in seconds: set by progress_begin() */
};

/* Start the clock. `noun` is borrowed. */
void progress_begin(struct progress *p, const char *noun);

/* Call after each record; prints a line when one is due (at most 10 times a second). */
void progress_step(struct progress *p);

/* Count a record as mended; name and defect of the first are kept for the summary. */
void progress_mended(struct progress *p, const char *name, const char *what);

/* Clear the redrawn line before another line is printed. */
void progress_clear(void);

/* Print the summary line: "tscae-mask: 1000 records, 0 skipped, 0.52 s, 1923/s". */
void progress_end(struct progress *p);

/* Seconds of the monotonic clock. */
double progress_clock(void);

#endif
