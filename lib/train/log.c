/* log - RUN/log.jsonl: a line of JSON for each step */
#include "train/log.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "json/json.h"
#include "json/writer.h"
#include "train/run_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char BEGIN[] = "{\"step\":";

static void
fail(struct log *l)
{
	if (!l->failed)
		l->warn(l->warn_arg, "log.jsonl: %s; training continues", strerror(errno));
	l->failed = true;
}

/* Bytes of the whole lines up to that step. */
static long
kept(const char *text, long step)
{
	const char *line = text, *end;

	while ((end = strchr(line, '\n')) && strncmp(line, BEGIN, sizeof BEGIN - 1) == 0 &&
	    strtol(line + sizeof BEGIN - 1, NULL, 10) <= step)
		line = end + 1;
	return (long)(line - text);
}

void
log_open(struct log *l, const char *run, long step, void (*warn)(void *arg, const char *format, ...), void *warn_arg)
{
	char *path = run_dir_path(run, "log.jsonl"), *text = NULL;
	size_t size;

	*l = (struct log){ .warn = warn, .warn_arg = warn_arg, .line = json_writer_new(NULL, false) };
	l->fd = file_calls.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (l->fd < 0)
		fail(l);
	else if ((text = file_read(path, 0, &size))) {
		l->end = kept(text, step);
		if (l->end < (long)size && ftruncate(l->fd, l->end) < 0)
			fail(l);
	} else {
		/* what cannot be read stays, also after a line that cannot be written */
		l->end = lseek(l->fd, 0, SEEK_END);
		warn(warn_arg, "%s; training continues", err_text());
		l->failed = true;
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
	size_t length, done;

	json_put_object_end(l->line);
	json_put_end(l->line);
	if (l->fd < 0)
		return;
	line = json_writer_text(l->line, &length);
	done = file_write_at(l->fd, -1, line, length);
	if (done == length) {
		l->end += (long)length;
		return;
	}
	fail(l);
	/* half a line would spoil the next one */
	if (done > 0 && ftruncate(l->fd, l->end) < 0)
		fail(l);
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

/* --- the log as a table */

enum { NAMES_MAX = 32, NAME_MAX_BYTES = 32 };	/* the trainer writes about 15 names of up to 20 letters */

/* Sums over an interval of steps, by name. */
struct log_interval {
	double sum[NAMES_MAX];
	long count[NAMES_MAX];
};

struct log_names {
	int names;
	char name[NAMES_MAX][NAME_MAX_BYTES];	/* in the order of the lines; the first is "step" */
	int at;					/* the name of the next value; -1: none */
	bool stepped;				/* the line has a step */
	struct log_interval *now;
};

/* The index of a name, appended if it is new. -1 and err(ERR_DATA): none of a training log. */
static int
name_of(struct log_names *t, const char *text)
{
	int i;

	for (i = 0; i < t->names; i++)
		if (strcmp(t->name[i], text) == 0)
			return i;
	if (t->names == NAMES_MAX || strlen(text) >= NAME_MAX_BYTES || strpbrk(text, "\t\r\n"))
		return err(ERR_DATA, "'%.40s': more than %d names, or a name of more than %d bytes or with tabs", text,
			NAMES_MAX, NAME_MAX_BYTES - 1);
	strcpy(t->name[t->names], text);
	return t->names++;
}

static int
add_value(void *arg, const struct json_token *token)
{
	struct log_names *t = arg;

	if (token->kind == JSON_KEY)
		return (t->at = name_of(t, token->text)) < 0 ? -1 : 0;
	if ((token->kind == JSON_INT || token->kind == JSON_REAL) && t->at >= 0) {
		t->stepped |= t->at == 0;
		/* the step is the last one of its interval, every other number a mean */
		t->now->sum[t->at] = t->at == 0 ? token->real : t->now->sum[t->at] + token->real;
		t->now->count[t->at] = t->at == 0 ? 1 : t->now->count[t->at] + 1;
	}
	return 0;
}

static void
show(const struct log_names *t, const struct log_interval *of, FILE *out)
{
	int i;

	for (i = 0; i < t->names; i++) {
		const char *end = i + 1 < t->names ? "\t" : "\n";

		if (of->count[i])
			fprintf(out, i == 0 ? "%.0f%s" : "%.5g%s", of->sum[i] / (double)of->count[i], end);
		else
			fprintf(out, "-%s", end);
	}
}

static long
count_lines(const char *text)
{
	long n = 0;

	while ((text = strchr(text, '\n'))) {
		n++;
		text++;
	}
	return n;
}

/* Sum the lines in `rows` intervals. */
static int
read_rows(struct log_names *t, const char *text, long lines, int rows, struct log_interval *intervals)
{
	const struct json_rules rules = { .each = add_value, .arg = t };
	const char *line = text;
	long i;

	for (i = 0; i < lines; i++) {
		const char *end = strchr(line, '\n');

		t->at = -1;
		t->stepped = false;
		t->now = &intervals[i * rows / lines];
		if (json_read(&rules, line, (size_t)(end - line)) < 0)
			return err_in("line %ld", i + 1);
		if (!t->stepped || strcmp(t->name[0], "step") != 0)
			return err(ERR_DATA, "line %ld: not a line of a training log", i + 1);
		line = end + 1;
	}
	return 0;
}

int
log_write_text(const char *text, size_t size, int rows, FILE *out)
{
	const long lines = count_lines(text);
	struct log_names t = { .names = 0 };
	struct log_interval *intervals;
	int i, result;

	/* a kill or a crash may leave anything after the last newline, but not before it */
	if (strlen(text) < size && memchr(text + strlen(text), '\n', size - strlen(text)))
		return err(ERR_DATA, "line %ld: a zero byte", lines + 1);
	if (lines == 0)
		return err(ERR_DATA, "the log is empty");
	rows = lines < rows ? (int)lines : rows;
	intervals = mem_array((size_t)rows, sizeof *intervals);
	result = read_rows(&t, text, lines, rows, intervals);
	for (i = 0; i < t.names && result == 0; i++)
		fprintf(out, "%s%s", t.name[i], i + 1 < t.names ? "\t" : "\n");
	for (i = 0; i < rows && result == 0; i++)
		show(&t, &intervals[i], out);
	free(intervals);
	return result;
}

int
log_write_table(const char *run, int rows, FILE *out)
{
	char *path = run_dir_path(run, "log.jsonl"), *text;
	size_t size;
	int result = -1;

	text = file_read(path, 0, &size);
	if (text && (result = log_write_text(text, size, rows, out)) < 0)
		err_in("%s", path);
	free(text);
	free(path);
	return result;
}
