/* key - find the image of a key: one rule for records, annotations, predictions and lists of names

   A key is a path, compared part by part from its end. formats/annotations.md gives the rule with examples. */
#ifndef ANNOTATION_KEY_H
#define ANNOTATION_KEY_H

#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct key_index {			/* begins empty: { .root = ... } */
	const char **names;		/* (count) borrowed */
	long count;
	size_t room;
	long root; /* bytes at the beginning of every name that a key may omit: a folder and its slash */
	bool escaped;	/* names and keys are escaped as in records: a backslash is two */
	struct lookup by_path, by_stem, by_head;
	struct key_index *windows;	/* the names with backslashes, with slashes for them; NULL: none */
	long *of_windows;		/* their indices here */
	size_t windows_room;
	struct arena text;		/* of names in `windows` */
};

/* Append the name of an image (borrowed, as in the file system); its index is the number of names before it. */
void key_add(struct key_index *k, const char *name);

/* The index of the image of a key: the name that equals the key, else the only name that matches it. Folders must be
   equal as far as both have any. Last parts match, in this order of precedence, if they are equal; if they are equal
   without image suffixes; if the key's has no dot and equals the name up to its first dot (keys from archives end
   there). Where none matches as it stands, backslashes of key and names count as slashes.
   -1: none; -2 and err(ERR_DATA) with two names: several. Thread-safe. */
long key_find(const struct key_index *k, const char *key) ERR_CHECK;

/* The last part of a key without an image suffix (jpg, png, tif ...); *size: its bytes. */
const char *key_stem(const char *key, int *size);

/* A path without leading "./". */
const char *key_plain(const char *path);

/* A path as written on Windows: a plain copy with slashes for backslashes, in the arena; NULL: it has no backslash. */
const char *key_slashes(struct arena *a, const char *path);

void key_free(struct key_index *k);

#endif
