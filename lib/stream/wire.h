/* wire - MessagePack's heads: how long an object is, before anything is taken for it

   An object is a head (a byte, then 0 to 8 bytes of length or value, one more for an extension's type)
   and a body of bytes, or elements that are objects. */
#ifndef STREAM_WIRE_H
#define STREAM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_kind { WIRE_ATOM, WIRE_TEXT, WIRE_BINARY, WIRE_ARRAY, WIRE_MAP };

enum { WIRE_HEAD_MAX = 9 };

struct wire {
	enum wire_kind kind;	/* an extension is a WIRE_BINARY whose type byte belongs to the head */
	size_t head;		/* bytes of the head; an atom has nothing else */
	uint64_t length;	/* bytes of the body; elements of an array, pairs of a map */
};

/* Bytes of the head that begins with this byte; 0 for C1, which no object begins with. */
size_t wire_head(unsigned char first);

/* Read a head whose bytes are all there. */
struct wire wire_read(const unsigned char *head);

#endif
