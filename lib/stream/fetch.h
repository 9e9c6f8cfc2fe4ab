/* fetch - read one value: bounded, its bytes kept unchanged, decoded

   All return 1; 0 where the input ends first (it is cut short); -1 and err(ERR_DATA or ERR_INPUT). */
#ifndef STREAM_FETCH_H
#define STREAM_FETCH_H

#include "base/err.h"
#include "base/mem.h"
#include "stream/record.h"
#include "stream/source.h"

#include <stddef.h>
#include <stdint.h>

enum wire_kind { WIRE_ATOM, WIRE_TEXT, WIRE_BINARY, WIRE_ARRAY, WIRE_MAP };

/* The head of a MessagePack object: a byte, then 0 to 8 bytes of length or value, one more for an extension's type.
   A body follows: bytes, or elements that are objects. */
struct wire {
	enum wire_kind kind;	/* an extension is a WIRE_BINARY whose type byte belongs to the head */
	size_t head;		/* bytes of the head; an atom has nothing else */
	uint64_t length;	/* bytes of the body; elements of an array, pairs of a map */
};

struct fetch {
	struct stream_source source;
	struct unpack *unpack;
	unsigned char *bytes;	/* the object that is being read, unchanged */
	size_t used, room;
	size_t left;		/* bytes left of the limit of this record */
};

/* Read a head and take it; `bytes` is emptied and then holds it. */
int fetch_head(struct fetch *f, struct wire *w) ERR_CHECK;

/* Read a whole object; `bytes` is emptied and then holds it. */
int fetch_object(struct fetch *f) ERR_CHECK;

/* Read a text of 1 to STREAM_NAME_MAX bytes, terminated. */
int fetch_name(struct fetch *f, char name[]) ERR_CHECK;

/* Read a value into a field whose memory comes from the arena. */
int fetch_value(struct fetch *f, struct arena *a, struct field *field) ERR_CHECK;

#endif
