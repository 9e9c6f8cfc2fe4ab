/* json - JSON in, as a sequence of tokens: strict, streaming, bounded (the door to YAJL)

   RFC 8259 to the letter: UTF-8 checked, no lone surrogates, no comments, one document. Numbers are read the same
   way in every locale; whole numbers that fit stay whole. Memory does not grow with the document (with `unique`:
   with the keys of the objects that are open). */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind {
	JSON_NULL, JSON_BOOL, JSON_INT, JSON_REAL, JSON_TEXT,
	JSON_KEY,			/* the value that follows belongs to it */
	JSON_OBJECT, JSON_OBJECT_END, JSON_ARRAY, JSON_ARRAY_END
};

struct json_token {
	enum json_kind kind;
	int depth;		/* containers around it: 0 for the document itself and its end */
	size_t offset;		/* in the document, of the byte behind it */
	const char *text;	/* KEY, TEXT: zero-terminated, borrowed until the callback returns */
	size_t size;		/* its bytes; a text may hold zero bytes */
	int64_t integer;	/* INT */
	double real;		/* REAL, and INT as well; always finite */
	bool boolean;		/* BOOL */
};

struct json_rules {
	int depth;		/* deepest nesting, 0: 64 */
	size_t text;		/* longest text or key in bytes, 0: 1 MiB */
	bool unique;		/* refuse an object that has a key twice */
	size_t offset;		/* where the document begins in its file: added to every offset */
	int (*each)(void *arg, const struct json_token *t);	/* 0 to go on; -1 and err() stops, "byte N: " is put in front */
	void *arg;
};

struct json;

/* A reader by these rules (copied); never NULL. */
struct json *json_open(const struct json_rules *rules);

/* The next bytes of the document. -1 and err(ERR_DATA) that begins "byte N: ", or the callback's error. */
int json_feed(struct json *j, const void *bytes, size_t size);

/* There is no more: -1 and err(ERR_DATA) where the document is cut. */
int json_end(struct json *j);

void json_close(struct json *j);

/* A whole document at once. */
int json_read(const struct json_rules *rules, const void *bytes, size_t size);

#endif
