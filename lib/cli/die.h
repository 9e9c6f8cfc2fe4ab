/* die - the ways in which a program ends: errors, warnings, signals

   An error is one line `tool: location: what` on stderr and an exit status. */
#ifndef CLI_DIE_H
#define CLI_DIE_H

#include <signal.h>

/* Print "tool: " and the error that is set, remove temporary output files, exit with the status of the error. */
_Noreturn void die(void);

/* The same with a new error: die_with(ERR_USAGE, "no model given; use --model"). */
_Noreturn void die_with(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Flush stdout. Dies with ERR_OUTPUT if that fails, and by SIGPIPE without a message if the reader has closed the pipe.
   Every tool that prints a table ends with it. */
void die_flush(void);

/* Print a line "tool: ..." on stderr and continue; clears the progress line first. */
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same as a callback of the library; `arg` is not used. */
void die_warning(void *arg, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Install the name of the tool for messages, and handlers that remove temporary output files before a signal ends the
   program. */
void die_as(const char *tool);

extern volatile sig_atomic_t die_stop_asked;	/* SIGTERM, SIGINT or SIGUSR2 came; the next ends the program */
extern volatile sig_atomic_t die_status_asked;	/* SIGUSR1 came; the job sets it back to 0 */

/* For a long job: handle these four signals in this way, except those that were ignored when the program started. Each
   of the first three ends a wait for standard input as if the input were cut. */
void die_watch_signals(void);

#endif
