/* writer - records out; the end array and every write are checked */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include "base/err.h"
#include "stream/record.h"

struct writer;

/* Open an output ("-" is standard output; a file appears under its name only when complete) and write
   magic and header. Refuses a terminal (ERR_USAGE). NULL and err(). */
struct writer *writer_open(const char *path, const struct header *h) ERR_CHECK;

/* Write a record; small values first, tensors last. Asserts that declared fields have their declared type.
   -1 and err(ERR_OUTPUT): also for a record beyond the limits of readers (reader.h), of which nothing is written. The
   record is not kept. */
int writer_put(struct writer *w, const struct record *r) ERR_CHECK;

/* Send the buffered bytes (a filter does so before it waits for input). -1 where that fails, which writer_put() and
   writer_close() will report: the result need not be looked at. */
int writer_flush(struct writer *w);

/* Write the end array, flush, close, check. -1 and err(ERR_OUTPUT). The writer is gone either way. */
int writer_close(struct writer *w) ERR_CHECK;

/* Close without an end array: a consumer reads a cut stream, a file does not appear. */
void writer_abandon(struct writer *w);

#endif
