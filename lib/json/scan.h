/* scan - what YAJL lets through, refused before YAJL sees it

   YAJL takes form feeds for spaces, overlong UTF-8 for text and lone surrogates for question marks, and has no
   limits. This looks at each byte once, with a few words of memory, and leaves the grammar to YAJL. */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include <stddef.h>

struct scan {
	int depth, depth_max;		/* containers open, and how many may be */
	size_t length, length_max;	/* bytes of the text being read, and how many it may have */
	size_t offset;			/* of the next byte, from the beginning of the document */
	enum { SCAN_OUTSIDE, SCAN_TEXT, SCAN_ESCAPE, SCAN_HEX } state;
	int digits;			/* SCAN_HEX: hexadecimal digits still to come */
	unsigned unit;			/* SCAN_HEX: the UTF-16 unit so far */
	int surrogate;			/* a high surrogate waits for its low one */
	int following;			/* bytes of a UTF-8 sequence still to come ... */
	unsigned char low, high;	/* ... and the range of the next of them */
};

/* Look at the next `size` bytes. -1 and err(ERR_DATA) that begins "byte N: ". */
int scan_feed(struct scan *s, const void *bytes, size_t size);

#endif
