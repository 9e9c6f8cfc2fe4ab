/* strict - what YAJL accepts and JSON does not

   YAJL takes form feeds for spaces, overlong UTF-8 for text and lone surrogates for question marks, and has no limits.
   struct scan looks at each byte once, with a few words of memory, and leaves the grammar to YAJL. struct keys keeps
   the keys of the open objects and sorts them when an object ends: no hash that hostile keys could make slow. */
#ifndef JSON_STRICT_H
#define JSON_STRICT_H

#include "base/err.h"

#include <stddef.h>

struct scan {
	int depth, depth_max;		/* containers open, and how many may be */
	size_t length, length_max;	/* bytes of the text being read, and how many it may have */
	size_t offset;			/* of the next byte, from the beginning of the document */
	enum { SCAN_OUTSIDE, SCAN_TEXT, SCAN_ESCAPE, SCAN_HEX } state;
	int digits;			/* SCAN_HEX: hexadecimal digits still to come */
	unsigned unit;			/* SCAN_HEX: the UTF-16 unit so far */
	int surrogate;			/* a high surrogate still needs its low one */
	int following;			/* bytes of a UTF-8 sequence still to come ... */
	unsigned char low, high;	/* ... and the range of the next of them */
};

/* Look at the next `size` bytes. -1 and err(ERR_DATA) that begins "byte N: ". */
int scan_feed(struct scan *s, const void *bytes, size_t size) ERR_CHECK;

struct keys {
	char *text;			/* all keys, one after the other */
	size_t used, room;
	struct keys_entry { size_t start, size, offset; } *list;
	size_t count, list_room;
	struct keys_level { size_t count, used; } *levels;	/* sizes of both lists when the object began */
	size_t depth, level_room;
};

/* An object begins. */
void keys_open(struct keys *k);

/* Add a key of the innermost object; its end has that offset. */
void keys_put(struct keys *k, const char *key, size_t size, size_t offset);

/* The object ends. -1 and err(ERR_DATA) "byte N: ..." where it has two equal keys. */
int keys_close(struct keys *k) ERR_CHECK;

void keys_free(struct keys *k);

#endif
