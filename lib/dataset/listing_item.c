/* listing_item - an image of a listing: its key, its name for messages, its bytes; keys that occur twice */
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/listing.h"
#include "dataset/tar.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the name of an item that are its key. */
static size_t
key_size(const struct listing_item *item)
{
	return item->archive < 0 ? strlen(item->name) : (size_t)item->key;
}

void
listing_note_twice(struct listing *l)
{
	struct lookup by_key = { 0 };
	struct arena a = { 0 };
	long i;

	for (i = 0; i < l->count; i++) {
		const char *key = l->items[i].name;
		const size_t n = key_size(&l->items[i]);
		const uint32_t hash = lookup_bytes(key, n);
		long at = -1, k;

		while ((k = lookup_next(&by_key, hash, &at)) >= 0 &&
			(key_size(&l->items[k]) != n || memcmp(l->items[k].name, key, n) != 0))
			;
		if (k < 0)
			lookup_put(&by_key, hash, i);
		else {
			arena_reset(&a);
			listing_note(l, LISTING_TWICE, listing_name(l, i, &a));
		}
	}
	lookup_free(&by_key);
	arena_free(&a);
}

char *
listing_key(const struct listing *l, long i, struct arena *a)
{
	const struct listing_item *item = &l->items[i];
	char *key = utf8_escape(a, item->name, key_size(item)), *paged;
	const size_t size = strlen(key);
	const char *stem;
	int n;

	if (item->page < 2)
		return key;
	stem = key_stem(key, &n);
	if (item->archive >= 0)
		n = (int)(key + size - stem);
	paged = arena_get(a, size + 16);
	snprintf(paged, size + 16, "%.*s#%d%s", (int)(stem - key) + n, key, item->page, stem + n);
	return paged;
}

char *
listing_name(const struct listing *l, long i, struct arena *a)
{
	const struct listing_item *item = &l->items[i];
	const char *archive = item->archive < 0 ? "" : l->archives[item->archive].path;
	size_t room = strlen(archive) + strlen(item->name) + 30;
	char *text = arena_get(a, room);
	int n = snprintf(text, room, "%s%s%s", archive, *archive ? ": " : "", item->name);

	if (item->page > 1)
		snprintf(text + n, room - (size_t)n, ": page %d", item->page);
	return err_plain(text);
}

void *
listing_read(const struct listing *l, long i, size_t limit, size_t *size)
{
	const struct listing_item *item = &l->items[i];
	void *bytes;

	if (item->archive < 0)
		return file_read(item->name, limit, size);
	if (item->size > (int64_t)limit) {
		err(ERR_DATA, "larger than %zu bytes", limit);
		return NULL;
	}
	*size = (size_t)item->size;
	bytes = mem_new(*size + 1);
	if (tar_read(&l->archives[item->archive], item->offset, bytes, *size) == 0)
		return bytes;
	free(bytes);
	return NULL;
}
