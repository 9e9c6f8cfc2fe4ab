/* json - JSON in, as a sequence of tokens: strict, streaming, bounded (by YAJL)

   Exactly RFC 8259: valid UTF-8, no lone surrogates, no comments, one document. Numbers do not depend
   on the locale; integers that fit in 64 bits stay integers. Memory does not grow with the document (with `unique`:
   with the keys of open objects). */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
	JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_TEXT,
	JSON_KEY,			/* its value follows */
	JSON_OBJECT, JSON_OBJECT_END, JSON_ARRAY, JSON_ARRAY_END
};

struct json_token {
	enum json_kind kind;
	int depth;		/* containers around it: 0 for the document itself and its end */
	size_t offset;		/* in the document, of the byte after it */
	const char *text;	/* KEY, TEXT: zero-terminated, borrowed until the callback returns */
	size_t size;		/* its bytes; a text may hold zero bytes */
	int64_t integer;	/* INT */
	double real;		/* REAL, and INT as well; always finite */
	bool boolean;		/* BOOL */
};

struct json_rules {
	int depth;		/* deepest nesting, 0: 64 */
	size_t text;		/* longest text or key in bytes, 0: 1 MiB */
	bool unique;		/* refuse an object with two equal keys */
	size_t offset;		/* where the document begins in its file: added to every offset */
	/* 0: continue; -1 and err(): stop, with "byte N: " in front of the error */
	int (*each)(void *arg, const struct json_token *t);
	void *arg;
};

struct json;

/* A reader by these rules (copied); never NULL. */
struct json *json_open(const struct json_rules *rules);

/* The next bytes of the document. -1 and err(ERR_DATA) that begins "byte N: ", or the callback's error. */
int json_feed(struct json *j, const void *bytes, size_t size) ERR_CHECK;

/* The end of the input: -1 and err(ERR_DATA) where the document is not complete. */
int json_end(struct json *j) ERR_CHECK;

void json_close(struct json *j);

/* A whole document at once; a byte order mark before it is skipped. */
int json_read(const struct json_rules *rules, const void *bytes, size_t size) ERR_CHECK;

#endif
