/* source - bytes in: counted and digested; small reads through a buffer, large ones directly to their destination */
#ifndef STREAM_SOURCE_H
#define STREAM_SOURCE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream_source {
	int fd;
	char *path;			/* for messages */
	unsigned char *buffer;
	size_t begin, end;		/* bytes of the buffer that are not yet taken */
	size_t digested;		/* bytes of the buffer before this are in the digest */
	size_t offset;			/* bytes taken so far */
	struct digest *digest;		/* of every byte taken since source_restart() */
	/* called before a read that blocks and while it does; true: the input ends here; may be NULL */
	bool (*wait)(void *arg);
	void *wait_arg;
};

/* Open a file, "-" for standard input. -1 and err(ERR_INPUT). */
int source_open(struct stream_source *s, const char *path) ERR_CHECK;

/* Make at least n bytes (n far below the buffer's size) available at s->buffer + s->begin.
   1; 0: the input ends before; -1: err(ERR_INPUT). */
int source_need(struct stream_source *s, size_t n) ERR_CHECK;

/* Take n bytes that source_need() has made available; they are valid until the next source_need(). */
const unsigned char *source_take(struct stream_source *s, size_t n);

/* Read n bytes to `into`. Returns as source_need(). */
int source_read(struct stream_source *s, void *into, size_t n) ERR_CHECK;

/* The digest of all bytes taken since the start or the last source_restart(). */
uint64_t source_digest(struct stream_source *s);
void source_restart(struct stream_source *s);

void source_close(struct stream_source *s);

#endif
