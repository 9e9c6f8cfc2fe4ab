/* key - which image a key means: the one rule for records, annotations, predictions and lists of names

   A key is a path, compared part by part from its end. formats/annotations.md has the rule with examples. */
#ifndef ANNOTATION_KEY_H
#define ANNOTATION_KEY_H

#include "base/lookup.h"

struct key_index {			/* begins empty: { .root = ... } */
	const char **names;		/* (count) borrowed */
	long count, room;
	long root;			/* bytes at the beginning of every name that need not be in a key: a folder and its slash */
	struct lookup by_path, by_stem, by_head;
};

/* Append the name of an image (borrowed, as in the file system); its index is the number of those before it. */
void key_add(struct key_index *k, const char *name);

/* The image that a key means: the name that is the whole key, else the only one that agrees with it. The folders agree as
   far as both have any, and the last parts, in this order, are equal; are equal without the suffixes of images; or the
   key's has no dot and is the name up to its first dot (keys from archives end there). Its index; -1: none; -2 and
   err(ERR_DATA) with two names: several. Safe side by side. */
long key_find(const struct key_index *k, const char *key);

/* The last part of a key without the suffix of an image (jpg, png, tif ...); *size: its bytes. */
const char *key_stem(const char *key, int *size);

/* A path without "./" in front. */
const char *key_plain(const char *path);

void key_free(struct key_index *k);

#endif
