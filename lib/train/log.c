/* log - RUN/log.jsonl: a line of JSON for each step */
#include "train/log.h"
#include "base/err.h"
#include "base/file.h"
#include "train/run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char BEGIN[] = "{\"step\":";

static void
fail(struct log *l)
{
	if (!l->failed)
		l->warn("log.jsonl: %s; training goes on", strerror(errno));
	l->failed = true;
}

/* Bytes of the whole lines up to that step. */
static long
kept(const char *text, long step)
{
	const char *line = text, *end;

	while ((end = strchr(line, '\n')) && strncmp(line, BEGIN, sizeof BEGIN - 1) == 0 && strtol(line + sizeof BEGIN - 1, NULL, 10) <= step)
		line = end + 1;
	return (long)(line - text);
}

void
log_open(struct log *l, const char *run, long step, void (*warn)(const char *format, ...))
{
	char *path = run_dir_path(run, "log.jsonl"), *text = NULL;
	size_t size;

	*l = (struct log){ .warn = warn };
	l->fd = file_calls.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (l->fd < 0)
		fail(l);
	else if ((text = file_read(path, 0, &size))) {
		l->end = kept(text, step);
		if (l->end < (long)size && ftruncate(l->fd, l->end) < 0)
			fail(l);
	}
	free(text);
	free(path);
}

static void
add(struct log *l, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(l->line + l->length, sizeof l->line - l->length, format, ap);
	va_end(ap);
	/* a name too many is left out rather than half a line written: room stays for "}\n" */
	if (n > 0 && l->length + (size_t)n + 2 < sizeof l->line)
		l->length += (size_t)n;
}

void
log_begin(struct log *l, long step)
{
	l->length = 0;
	add(l, "%s%ld", BEGIN, step);
}

void
log_put(struct log *l, const char *name, double x)
{
	if (isfinite(x))
		add(l, ",\"%s\":%.9g", name, x);
	else
		add(l, ",\"%s\":null", name);
}

void
log_write(struct log *l)
{
	ssize_t n;

	if (l->fd < 0)
		return;
	memcpy(l->line + l->length, "}\n", 2);
	l->length += 2;
	n = file_calls.write(l->fd, l->line, l->length);
	if (n == (ssize_t)l->length)
		l->end += (long)n;
	else {
		if (n >= 0)
			errno = ENOSPC;
		fail(l);
		/* half a line would spoil the next one */
		if (n > 0 && ftruncate(l->fd, l->end) < 0)
			fail(l);
	}
}

void
log_close(struct log *l)
{
	if (l->fd >= 0 && file_calls.close(l->fd) < 0)
		fail(l);
	l->fd = -1;
}
