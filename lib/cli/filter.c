/* filter - the loop of every tool that reads records and writes records

   Reading, changing and writing go on side by side (base/ordered.h). Before it waits for its producer a filter gives its consumer all that
   it has; with one thread a record goes out before the next one is read. */
#include "cli/filter.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/ordered.h"
#include "base/pool.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include "cli/die.h"
#include "cli/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slot {
	struct record record;
	int verdict;
	int status;		/* of the error, where verdict is -1: err() is per thread */
	char *text;
};

struct job {
	const struct filter *f;
	const char *path;	/* of the input */
	struct reader *reader;
	struct writer *writer;
	struct progress progress;
	struct slot *slots;
	struct ordered ordered;
	int cut;		/* status of the reader's error: what was good goes out first. 0: there was none */
	char *cut_text;
};

static int
take(void *arg, int slot)
{
	struct job *j = arg;
	int got = reader_next(j->reader, &j->slots[slot].record);

	if (got >= 0)
		return got;
	j->cut = err_status();
	j->cut_text = mem_text(err_text());
	return 0;
}

static void
work(void *arg, int slot, int worker)
{
	struct job *j = arg;
	struct slot *s = &j->slots[slot];

	s->verdict = j->f->each_on ? j->f->each_on(&s->record, worker) : j->f->each(&s->record);
	if (s->verdict < 0 || s->verdict == FILTER_SKIP) {
		s->status = err_status();
		s->text = mem_text(err_text());
	}
}

/* The error of work() again, which may have been in another thread. */
static void
blame(const struct job *j, struct slot *s)
{
	err(s->status, "%s", s->text);
	free(s->text);
	record_blame(&s->record, j->path);
}

static int
put(void *arg, int slot)
{
	struct job *j = arg;
	struct slot *s = &j->slots[slot];

	if (s->verdict < 0) {
		blame(j, s);
		return -1;
	}
	if (s->verdict == FILTER_SKIP) {
		blame(j, s);
		warn("%s (skipped)", err_text());
		j->progress.skipped++;
		progress_step(&j->progress);
		return 0;
	}
	if (s->verdict == FILTER_KEEP && j->f->done && j->f->done(&s->record) < 0) {
		record_blame(&s->record, j->path);
		return -1;
	}
	if (s->verdict == FILTER_KEEP && writer_put(j->writer, &s->record) < 0)
		return -1;
	j->progress.records++;
	progress_step(&j->progress);
	return 0;
}

static size_t
size(void *arg, int slot)
{
	const struct job *j = arg;

	return j->slots[slot].record.arena.used;
}

static void
fail(struct job *j)
{
	writer_abandon(j->writer);
	die();
}

/* The producer is slower: let the consumer have what is done. A failure to write is seen again by the next put. */
static void
settle(void *arg)
{
	struct job *j = arg;

	if (ordered_settle(&j->ordered) < 0)
		fail(j);
	writer_flush(j->writer);
}

static struct writer *
begin(const struct filter *f, const struct header *in)
{
	struct header h = { 0 };
	struct writer *w;

	header_copy(&h, in);
	if (f->begin && f->begin(&h) < 0)
		die();
	header_add_history(&h, cli_history());
	w = writer_open(f->output ? f->output : "-", &h);
	if (!w)
		die();
	header_free(&h);
	return w;
}

/* all records of the open input */
static void
pass(struct job *j)
{
	reader_on_wait(j->reader, settle, j);
	if (ordered_run(&j->ordered) < 0)
		fail(j);
	if (j->cut) {
		/* what was good went out; the cut is passed on as a cut */
		err(j->cut, "%s", j->cut_text);
		writer_flush(j->writer);
		fail(j);
	}
}

int
filter(const struct filter *f, int inputs, char **paths)
{
	struct pool *own = !f->pool && f->threads > 1 ? pool_new((int)f->threads) : NULL, *pool = f->pool ? f->pool : own;
	const int slots = ordered_slots(pool);
	struct job j = { .f = f, .slots = mem_new(sizeof *j.slots * (size_t)slots), .ordered = { pool, slots, take, work, put, size, &j, NULL } };
	struct header first = { 0 };
	int i;

	if (f->threads > 1 && !pool)
		die();
	progress_begin(&j.progress, "records");
	for (i = 0; i < (inputs ? inputs : 1); i++) {
		j.path = inputs ? paths[i] : "-";
		j.reader = reader_open(j.path);
		if (!j.reader)
			die();
		if (!j.writer) {
			header_copy(&first, reader_header(j.reader));
			j.writer = begin(f, &first);
		} else if (header_match(&first, reader_header(j.reader)) < 0) {
			err_in("%s", j.path);
			die();
		}
		pass(&j);
		reader_close(j.reader);
	}
	if (writer_close(j.writer) < 0)
		die();
	for (i = 0; i < slots; i++)
		record_free(&j.slots[i].record);
	free(j.slots);
	pool_free(own);
	header_free(&first);
	progress_end(&j.progress);
	return f->strict && j.progress.skipped ? ERR_SKIPPED : 0;
}
