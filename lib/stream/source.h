/* source - bytes in: counted, digested, small ones through a buffer, large ones straight to their place */
#ifndef STREAM_SOURCE_H
#define STREAM_SOURCE_H

#include "base/digest.h"

#include <stddef.h>

struct stream_source {
	int fd;
	char *path;			/* for messages */
	unsigned char *buffer;
	size_t begin, end;		/* what is in the buffer and not yet taken */
	size_t digested;		/* up to here the buffer's bytes are in the digest */
	size_t offset;			/* bytes taken so far */
	struct digest *digest;		/* of every byte taken since source_restart() */
	void (*wait)(void *arg);	/* called before a read that would wait; may be NULL */
	void *wait_arg;
};

/* Open a file, "-" for standard input. -1 and err(ERR_INPUT). */
int source_open(struct stream_source *s, const char *path);

/* Have at least n bytes (n far below the buffer's size) at s->buffer + s->begin.
   1; 0: the input ends before; -1: err(ERR_INPUT). */
int source_need(struct stream_source *s, size_t n);

/* Take n bytes that source_need() has made sure of. Returns where they are, until the next need. */
const unsigned char *source_take(struct stream_source *s, size_t n);

/* Read n bytes to `into`. As source_need(). */
int source_read(struct stream_source *s, void *into, size_t n);

/* The digest of all bytes taken since the start or the last source_restart(). */
uint64_t source_digest(struct stream_source *s);
void source_restart(struct stream_source *s);

void source_close(struct stream_source *s);

#endif
