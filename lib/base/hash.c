/* hash - XXH3-64 digests, and hash tables from texts and numbers to indices */
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
/* xxHash's choice of AVX2 or AVX-512 at run time, where it is installed; its plain functions are SSE2 */
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
#include <xxh_x86dispatch.h>
#endif

/* xxHash allocates the state: it needs 64-byte alignment, and its size is private. */
struct digest {
	XXH3_state_t *state;
};

struct digest *
digest_new(void)
{
	struct digest *d = mem_new(sizeof *d);

	d->state = XXH3_createState();
	if (!d->state)
		mem_none();
	digest_reset(d);
	return d;
}

void
digest_reset(struct digest *d)
{
	XXH3_64bits_reset(d->state);
}

void
digest_add(struct digest *d, const void *bytes, size_t size)
{
	XXH3_64bits_update(d->state, bytes, size);
}

uint64_t
digest_value(const struct digest *d)
{
	return XXH3_64bits_digest(d->state);
}

void
digest_free(struct digest *d)
{
	if (d)
		XXH3_freeState(d->state);
	free(d);
}

uint64_t
digest_of(const void *bytes, size_t size)
{
	return XXH3_64bits(bytes, size);
}

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
