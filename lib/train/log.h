/* log - RUN/log.jsonl: a line of JSON for each step, each written at once, so that a kill loses no more than one

   A log that cannot be written does not stop training: one warning is printed. */
#ifndef TRAIN_LOG_H
#define TRAIN_LOG_H

#include "base/err.h"

#include <stdbool.h>
#include <stdio.h>

struct log {
	int fd;
	bool failed;		/* a warning was printed */
	long end;		/* bytes of whole lines */
	struct json_writer *line;	/* being built */
	void (*warn)(void *arg, const char *format, ...) __attribute__((format(printf, 2, 3)));
	void *warn_arg;
};

/* Open for appending, after dropping lines of steps beyond `step` (these steps run again) and a partial line. A log
   that cannot be read is kept as it is, with a warning. */
void log_open(struct log *l, const char *run, long step, void (*warn)(void *arg, const char *format, ...),
	void *warn_arg);

/* Build a line: numbers by name in order ("step" first), then write it. Not finite: null. */
void log_begin(struct log *l, long step);
void log_put(struct log *l, const char *name, double x);
void log_write(struct log *l);

void log_close(struct log *l);

/* Write RUN/log.jsonl to `out` as tab-separated rows (at most `rows`, from 1) under a line of names: the last
   step of each interval and the means of all other numbers in it, "-" if an interval has none.
   -1 and err(): ERR_INPUT no log, ERR_DATA empty or not a training log. */
int log_write_table(const char *run, int rows, FILE *out) ERR_CHECK;

/* The same of a log in memory: `size` bytes, then a zero byte. Bytes after the last newline are a line that a kill has
   cut. */
int log_write_text(const char *text, size_t size, int rows, FILE *out) ERR_CHECK;

#endif
