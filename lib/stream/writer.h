/* writer - records out, checked to the last byte */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include "stream/record.h"

struct writer;

/* Open an output ("-" is standard output; a file appears under its name only when complete) and write
   magic and header. Refuses a terminal (ERR_USAGE). NULL and err(). */
struct writer *writer_open(const char *path, const struct header *h);

/* Write a record; small values first, tensors last. Asserts that declared fields have their declared type.
   -1 and err(ERR_OUTPUT). The record is not kept. */
int writer_put(struct writer *w, const struct record *r);

/* Send what is buffered (a filter does so when it is about to wait for input). */
int writer_flush(struct writer *w);

/* Write the end array, flush, close, check. -1 and err(ERR_OUTPUT). The writer is gone either way. */
int writer_close(struct writer *w);

/* Give up without an end array: the consumer sees a cut stream, a file never appears. */
void writer_abandon(struct writer *w);

#endif
