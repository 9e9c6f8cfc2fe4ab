/* filter - the loop of every tool that reads records and writes records

   Records are taken in batches of a few per thread: read in order, changed side by side, written in
   order. With one thread a record goes out before the next one is read. */
#include "tool/filter.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/pool.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include "tool/die.h"
#include "tool/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PER_THREAD = 8 };	/* records of a batch for each thread */

struct slot {
	struct record record;
	int verdict;
	int status;		/* of the error, where verdict is -1: err() is per thread */
	char *text;
};

struct batch {
	const struct filter *f;
	const char *path;
	struct slot *slots;
};

static void
piece(void *arg, int i, int worker)
{
	struct batch *b = arg;
	struct slot *s = &b->slots[i];

	s->verdict = b->f->each_on ? b->f->each_on(&s->record, worker) : b->f->each(&s->record);
	if (s->verdict < 0 || s->verdict == FILTER_SKIP) {
		s->status = err_status();
		s->text = mem_text(err_text());
	}
}

static void
put(const struct batch *b, struct slot *s, struct writer *w, struct progress *p)
{
	if (s->verdict == FILTER_KEEP && b->f->done && b->f->done(&s->record) < 0) {
		s->verdict = -1;
		s->status = err_status();
		s->text = mem_text(err_text());
	}
	if (s->verdict < 0) {
		err(s->status, "%s", s->text);
		record_blame(&s->record, b->path);
		writer_abandon(w);
		die();
	}
	if (s->verdict == FILTER_SKIP) {
		err(s->status, "%s", s->text);
		record_blame(&s->record, b->path);
		warn("%s (skipped)", err_text());
		free(s->text);
		p->skipped++;
		progress_step(p);
		return;
	}
	if (s->verdict == FILTER_KEEP && writer_put(w, &s->record) < 0)
		die();
	p->records++;
	progress_step(p);
}

/* The producer is slower: let the consumer have what is done. A failure is seen again by the next put. */
static void
flush(void *w)
{
	writer_flush(w);
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

int
filter(const struct filter *f, int inputs, char **paths)
{
	int threads = f->threads > 1 ? (int)f->threads : 1, size = threads > 1 ? threads * PER_THREAD : 1;
	struct pool *pool = threads > 1 ? pool_new(threads) : NULL;
	struct batch b = { .f = f, .slots = mem_new(sizeof *b.slots * (size_t)size) };
	struct header first = { 0 };
	struct writer *w = NULL;
	struct progress p = { 0 };
	int input, i, n, got = 0;

	if (threads > 1 && !pool)
		die();
	progress_begin(&p, "records");
	for (input = 0; input < (inputs ? inputs : 1); input++) {
		struct reader *r;

		b.path = inputs ? paths[input] : "-";
		r = reader_open(b.path);
		if (!r)
			die();
		if (!w) {
			header_copy(&first, reader_header(r));
			w = begin(f, &first);
		} else if (header_match(&first, reader_header(r)) < 0) {
			err_in("%s", b.path);
			die();
		}
		reader_on_wait(r, flush, w);
		do {
			for (n = 0; n < size && (got = reader_next(r, &b.slots[n].record)) > 0; n++)
				;
			if (pool)
				pool_run(pool, n, piece, &b);
			else if (n > 0)
				piece(&b, 0, 0);
			for (i = 0; i < n; i++)
				put(&b, &b.slots[i], w, &p);
			if (got < 0) {
				/* what was good went out; the cut is passed on as a cut */
				writer_flush(w);
				writer_abandon(w);
				die();
			}
		} while (got > 0);
		reader_close(r);
	}
	if (writer_close(w) < 0)
		die();
	for (i = 0; i < size; i++)
		record_free(&b.slots[i].record);
	free(b.slots);
	header_free(&first);
	pool_free(pool);
	progress_end(&p);
	return f->strict && p.skipped ? ERR_SKIPPED : 0;
}
