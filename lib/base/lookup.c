/* lookup - a hash table from texts and numbers to indices */
#include "base/lookup.h"
#include "base/digest.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

uint32_t
lookup_bytes(const void *bytes, size_t size)
{
	return (uint32_t)digest_of(bytes, size);
}

uint32_t
lookup_number(int64_t x)
{
	return lookup_bytes(&x, sizeof x);
}

static void
link_entry(struct lookup *l, long i)
{
	int32_t *bucket = &l->buckets[l->entries[i].hash & (l->room - 1)];

	l->entries[i].next = *bucket;
	*bucket = (int32_t)i;
}

void
lookup_put(struct lookup *l, uint32_t hash, long index)
{
	const size_t room = l->room;
	long i;

	l->entries = mem_room(l->entries, &l->room, (size_t)l->count + 1, sizeof *l->entries);
	if (l->room != room) {
		free(l->buckets);
		l->buckets = mem_array(l->room, sizeof *l->buckets);
		memset(l->buckets, -1, sizeof *l->buckets * l->room);
		for (i = 0; i < l->count; i++)
			link_entry(l, i);
	}
	l->entries[l->count] = (struct lookup_entry){ .hash = hash, .index = (int32_t)index };
	link_entry(l, l->count++);
}

long
lookup_next(const struct lookup *l, uint32_t hash, long *at)
{
	if (l->room == 0)
		return -1;
	*at = *at < 0 ? l->buckets[hash & (l->room - 1)] : l->entries[*at].next;
	while (*at >= 0 && l->entries[*at].hash != hash)
		*at = l->entries[*at].next;
	return *at < 0 ? -1 : l->entries[*at].index;
}

void
lookup_free(struct lookup *l)
{
	free(l->entries);
	free(l->buckets);
	*l = (struct lookup){ 0 };
}
