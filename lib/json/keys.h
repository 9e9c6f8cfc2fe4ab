/* keys - the keys of the objects that are open, to find one that comes twice

   Sorted when the object ends: no hash that hostile keys could make slow. */
#ifndef JSON_KEYS_H
#define JSON_KEYS_H

#include <stddef.h>

struct keys {
	char *text;			/* all keys, one behind the other */
	size_t used, room;
	struct keys_entry { size_t start, size, offset; } *list;
	size_t count, list_room;
	struct keys_level { size_t count, used; } *levels;	/* what there was when the object began */
	size_t depth, level_room;
};

/* An object begins. */
void keys_open(struct keys *k);

/* A key of the innermost object, read up to that offset. */
void keys_put(struct keys *k, const char *key, size_t size, size_t offset);

/* The object ends. -1 and err(ERR_DATA) "byte N: ..." if it had a key twice. */
int keys_close(struct keys *k);

void keys_free(struct keys *k);

#endif
