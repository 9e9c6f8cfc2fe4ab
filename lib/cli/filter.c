/* filter - the loop of every tool that reads records and writes records

   Reading, processing and writing overlap (base/ordered.h). Before it waits for its producer, a filter writes all
   finished records; with one thread it writes each record before it reads the next one. */
#include "cli/filter.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/ordered.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "stream/reader.h"
#include "stream/writer.h"

#include <stdio.h>
#include <stdlib.h>

struct filter_slot {
	struct record record;
	int result;		/* of filter.each */
	int status;		/* of its error, if there is one: err() is per thread */
	char *text;
};

struct filter_job {
	const struct filter *f;
	const char *path;	/* of the input */
	struct reader *reader;
	struct writer *writer;
	struct progress progress;
	struct filter_slot *slots;
	struct ordered ordered;
	int read_status;	/* of an error of the reader, reported after the records before it; 0: no error */
	char *read_text;
};

static int
take(void *arg, int slot)
{
	struct filter_job *j = arg;
	int got = reader_next(j->reader, &j->slots[slot].record);

	if (got >= 0)
		return got;
	j->read_status = err_status();
	j->read_text = mem_text(err_text());
	return 0;
}

static void
work(void *arg, int slot, int worker)
{
	struct filter_job *j = arg;
	struct filter_slot *s = &j->slots[slot];

	s->result = j->f->each(j->f->arg, &s->record, worker);
	if (s->result != FILTER_KEEP && s->result != FILTER_DROP) {
		s->status = err_status();
		s->text = mem_text(err_text());
	}
}

/* Set the error of work(), which may have run on another thread, again: with the names of input and record. */
static void
restore_error(const struct filter_job *j, struct filter_slot *s)
{
	err(s->status, "%s", s->text);
	free(s->text);
	record_blame(&s->record, j->path);
}

static int
put(void *arg, int slot)
{
	struct filter_job *j = arg;
	struct filter_slot *s = &j->slots[slot];

	if (s->result < 0) {
		restore_error(j, s);
		return -1;
	}
	if (s->result == FILTER_SKIP) {
		restore_error(j, s);
		warn("%s (skipped)", err_text());
		j->progress.skipped++;
		progress_step(&j->progress);
		return 0;
	}
	if (s->result == FILTER_REPAIRED || s->result == FILTER_PARTIAL) {
		progress_count(s->result == FILTER_REPAIRED ? &j->progress.repaired : &j->progress.partial,
		    s->record.key, s->text);
		free(s->text);
		s->result = FILTER_KEEP;
	}
	if (s->result == FILTER_KEEP && j->f->done && j->f->done(j->f->arg, &s->record) < 0) {
		record_blame(&s->record, j->path);
		return -1;
	}
	if (s->result == FILTER_KEEP && writer_put(j->writer, &s->record) < 0)
		return -1;
	j->progress.records++;
	progress_step(&j->progress);
	return 0;
}

static size_t
size(void *arg, int slot)
{
	const struct filter_job *j = arg;

	return j->slots[slot].record.arena.used;
}

static void
fail(struct filter_job *j)
{
	writer_abandon(j->writer);
	die();
}

/* Write all finished records before a wait for the producer. The next put reports a failed write again. */
static bool
settle(void *arg)
{
	struct filter_job *j = arg;

	if (ordered_settle(&j->ordered) < 0)
		fail(j);
	writer_flush(j->writer);
	return false;
}

static struct writer *
begin(const struct filter *f, const struct reader *in)
{
	struct header h = { 0 };
	struct writer *w;

	header_copy(&h, reader_header(in));
	if (f->begin && f->begin(f->arg, &h) < 0) {
		/* other errors are those of options and outputs */
		if (err_status() == ERR_DATA)
			reader_blame(in);
		die();
	}
	header_add_history(&h, cli_history());
	w = writer_open(f->output, &h);
	if (!w)
		die();
	header_free(&h);
	return w;
}

/* Process all records of the open input. */
static void
pass(struct filter_job *j)
{
	reader_on_wait(j->reader, settle, j);
	if (ordered_run(&j->ordered) < 0)
		fail(j);
	if (j->read_status) {
		/* the records before the error are written; without its end mark the output counts as cut */
		err(j->read_status, "%s", j->read_text);
		writer_flush(j->writer);
		fail(j);
	}
}

int
filter(const struct filter *f, int inputs, char **paths)
{
	struct pool *own = !f->pool && f->threads > 1 ? pool_new((int)f->threads) : NULL;
	struct pool *pool = f->pool ? f->pool : own;
	const int slots = ordered_slots(pool);
	struct filter_job j = {
		.f = f, .slots = mem_array((size_t)slots, sizeof *j.slots),
		.ordered = { pool, slots, take, work, put, size, &j, NULL }
	};
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
			j.writer = begin(f, j.reader);
		} else if (header_match(&first, reader_header(j.reader)) < 0) {
			reader_blame(j.reader);
			die();
		}
		pass(&j);
		reader_close(j.reader);
	}
	if (f->note)
		j.progress.note = f->note(f->arg);
	if (j.progress.records == 0 && j.progress.skipped && !f->strict) {
		writer_abandon(j.writer);
		die_with(ERR_DATA, "no record could be used: %ld skipped", j.progress.skipped);
	}
	if (f->end && f->end(f->arg) < 0) {
		writer_abandon(j.writer);
		die();
	}
	if (writer_close(j.writer) < 0)
		die();
	for (i = 0; i < slots; i++)
		record_free(&j.slots[i].record);
	free(j.slots);
	pool_free(own);
	header_free(&first);
	progress_end(&j.progress);
	return f->strict && (progress_incomplete(&j.progress) || j.progress.note) ? ERR_SKIPPED : 0;
}
