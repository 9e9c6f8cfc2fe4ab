/* log - RUN/log.jsonl: a line of JSON for each step, each written at once, so that a kill loses no more than one

   A log that cannot be written never stops training: it is said once. */
#ifndef TRAIN_LOG_H
#define TRAIN_LOG_H

#include "json/writer.h"

#include <stdbool.h>

struct log {
	int fd;
	bool failed;		/* said already */
	long end;		/* bytes of whole lines */
	struct json_writer *line;	/* being built */
	void (*warn)(const char *format, ...) __attribute__((format(printf, 1, 2)));
};

/* Open for appending, after dropping lines of steps beyond `step` (they will be done again) and half a line. */
void log_open(struct log *l, const char *run, long step, void (*warn)(const char *format, ...));

/* Build a line: numbers by name in order ("step" first), then write it. Not finite: null. */
void log_begin(struct log *l, long step);
void log_put(struct log *l, const char *name, double x);
void log_write(struct log *l);

void log_close(struct log *l);

#endif
