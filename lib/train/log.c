/* log - RUN/log.jsonl: a line of JSON for each step */
#include "train/log.h"
#include "base/err.h"
#include "base/file.h"
#include "train/run_dir.h"

#include <errno.h>
#include <fcntl.h>
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

	*l = (struct log){ .warn = warn, .line = json_writer_new(NULL, false) };
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

void
log_begin(struct log *l, long step)
{
	json_writer_clear(l->line);
	json_put_object(l->line, NULL);
	json_put_int(l->line, "step", step);
}

void
log_put(struct log *l, const char *name, double x)
{
	json_put_real(l->line, name, 9, x);
}

void
log_write(struct log *l)
{
	const char *line;
	size_t length;
	ssize_t n;

	json_put_object_end(l->line);
	json_put_end(l->line);
	if (l->fd < 0)
		return;
	line = json_writer_text(l->line, &length);
	n = file_calls.write(l->fd, line, length);
	if (n == (ssize_t)length)
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
	json_writer_free(l->line);
	l->line = NULL;
}
