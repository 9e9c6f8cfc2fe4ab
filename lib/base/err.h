/* err - the last error of this thread: one line of text and an exit status */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* Exit statuses of every tool, sysexits where they exist (tscae(7), EXIT STATUS). */
enum {
	ERR_SKIPPED = 1,	/* done, but records were skipped under a strict option */
	ERR_USAGE = 2,		/* wrong command line or configuration */
	ERR_DATA = 65,		/* malformed, damaged or cut input */
	ERR_INPUT = 66,		/* input missing or unreadable */
	ERR_INTERNAL = 70,		/* internal error (assert) */
	ERR_OS = 71,		/* out of memory, no thread, no pipe */
	ERR_OUTPUT = 74,	/* output failed: full disk, closed, unwritable */
	ERR_AGAIN = 75		/* stopped at a checkpoint: run the tool again */
};

/* Marks a function whose result must be used: the compiler warns where a caller drops it. */
#define ERR_CHECK __attribute__((warn_unused_result))

/* Set the error: an exit status from above and a line without newline or tool name (err_text() may be part of it).
   Always returns -1, so that a failing function ends with `return err(...)`. */
int err(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Put a location and `: ` in front of the current error (a file, a record, an offset). Returns -1. */
int err_in(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Replace control characters by '?': names come from outside and must not control a terminal or break a line of a log.
   err() does so. Returns the line. */
char *err_plain(char *line);

/* The text of the last error, never NULL; owned by err.c, valid until the next err(). */
const char *err_text(void);

/* The exit status of the last error; 0 before the first. */
int err_status(void);

#endif
