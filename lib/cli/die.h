/* die - the only way out with an error: one line `tool: place: what` and an exit status */
#ifndef CLI_DIE_H
#define CLI_DIE_H

/* Print "tool: " and the error that is set, remove files written aside, exit with its status. */
_Noreturn void die(void);

/* The same with an error made here: die_with(ERR_USAGE, "no model given"). */
_Noreturn void die_with(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What was printed on stdout goes out now: dies with ERR_OUTPUT where it cannot, and quietly by SIGPIPE where the
   reader has gone. Every tool that prints a table ends with it. */
void die_flush(void);

/* Print a line "tool: ..." on stderr and go on (clears and keeps the progress line apart). */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Install: the tool's name for messages; signals that end the program remove files written aside first. */
void die_as(const char *tool);

#endif
