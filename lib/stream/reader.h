/* reader - records in: strict, with all limits checked before memory is taken

   A cut, damaged, foreign or hostile stream is err(ERR_DATA) with the name of the input, the record and
   the byte offset. reader_next() returns 0 only after an end array with the right count and digest, followed
   by the end of the file. */
#ifndef STREAM_READER_H
#define STREAM_READER_H

#include "base/err.h"
#include "stream/record.h"

#include <stdbool.h>
#include <stddef.h>

struct reader;

/* The first bytes of every stream: the MessagePack text "tscae/1", whose last byte is the major version. */
#define STREAM_MAGIC "\xa7tscae/1"
enum { STREAM_MAGIC_SIZE = sizeof STREAM_MAGIC - 1 };

/* Limits of what is accepted (formats/stream.md, section 7), all checked before memory is taken. */
#define STREAM_BINARY_MAX ((size_t)64 << 20)	/* bytes of a tensor, or of any other value */
#define STREAM_TEXT_MAX ((size_t)1 << 20)	/* bytes of a text */
#define STREAM_RECORD_MAX ((size_t)256 << 20)	/* bytes of a record */
enum {
	STREAM_FIELDS_MAX = 1024,	/* fields of a record, keys of a header */
	STREAM_NAME_MAX = 255,		/* bytes of a field's name */
	STREAM_OBJECTS_MAX = 1 << 16,	/* MessagePack objects in one value */
	STREAM_DEPTH_MAX = 16		/* nesting of one value; MessagePack-C stops at 32 */
};

/* Open an input ("-" is standard input) and read the header. NULL and err(): ERR_INPUT missing, or a
   terminal instead of a stream; ERR_DATA. Messages name the path. */
struct reader *reader_open(const char *path) ERR_CHECK;

/* The header (of the first stream where several are joined); borrowed, lives until the reader is closed. */
const struct header *reader_header(const struct reader *r);

/* Put the name of the input in front of the current error, one in its header: record_blame() without a record. Returns
   -1. */
int reader_blame(const struct reader *r);

/* Fill `into` with the next record. 1: a record; 0: the verified end; -1: err(ERR_DATA or ERR_INPUT). */
int reader_next(struct reader *r, struct record *into) ERR_CHECK;

/* Call wait(arg) before the reader waits for a slower producer and each second while it does, and when a signal
   interrupts the wait: a filter flushes its output, the trainer handles the signal. True ends the input there. */
void reader_on_wait(struct reader *r, bool (*wait)(void *arg), void *arg);

/* Bytes read so far. */
size_t reader_offset(const struct reader *r);

/* Close, also before the end (the producer then gets SIGPIPE). */
void reader_close(struct reader *r);

#endif
