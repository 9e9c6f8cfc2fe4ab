/* utf8 - which bytes are UTF-8, and names of files, which are any bytes, made into it

   RFC 3629, section 4: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/mem.h"

/* How a sequence goes on after its first byte. */
struct utf8_form {
	unsigned char first, last;	/* the range of the first byte */
	unsigned char low, high;	/* the range of the second; further ones are 80 to BF */
	size_t length;			/* bytes in all, 1 to 4 */
};

/* The form that this byte begins, NULL if it begins none. */
const struct utf8_form *utf8_form(unsigned char first);

/* Length of the valid sequence at the beginning of `size` bytes, 0 if there is none. */
size_t utf8_length(const void *text, size_t size);

/* A copy in which each byte that is no part of valid UTF-8 is \xHH and each backslash is \\, so that the
   name can be had back. Valid names without a backslash stay as they are. */
char *utf8_escape(struct arena *a, const char *name, size_t size);

/* The bytes that utf8_escape() was given. */
char *utf8_unescape(struct arena *a, const char *text);

#endif
