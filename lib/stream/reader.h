/* reader - records in: strict, bounded before memory is taken

   A cut, damaged, foreign or hostile stream is err(ERR_DATA) with the name of the input, the record and
   the byte offset. The end is a statement by the writer: reader_next() returns 0 only after the end array
   with the right count and digest, and after it the end of the file or another agreeing stream. */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include "stream/record.h"

struct reader;

/* Largest binary of a record, in bytes (formats/stream.md, Limits). */
#define STREAM_BINARY_MAX ((size_t)64 << 20)

/* Open an input ("-" is standard input) and read the header. NULL and err(): ERR_INPUT missing, or a
   terminal where a stream is expected; ERR_DATA. The reader's name for messages is the path. */
struct reader *reader_open(const char *path);

/* The header (of the first stream where several are joined); borrowed, lives until the reader is closed. */
const struct header *reader_header(const struct reader *r);

/* Fill `into` with the next record. 1: there is one; 0: the end, verified; -1: err(ERR_DATA or ERR_INPUT). */
int reader_next(struct reader *r, struct record *into);

/* Bytes read so far, and bytes of the whole input (0 where unknown): for progress. */
size_t reader_offset(const struct reader *r);
size_t reader_size(const struct reader *r);

/* Close, also before the end (the producer then gets SIGPIPE). */
void reader_close(struct reader *r);

#endif
