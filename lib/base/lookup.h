/* lookup - a hash table from texts and numbers to indices: the keys themselves stay where the caller has them

   Several indices may share a hash; the caller compares the keys of the candidates. */
#ifndef BASE_LOOKUP_H
#define BASE_LOOKUP_H

#include <stddef.h>
#include <stdint.h>

struct lookup {
	struct lookup_entry {
		uint32_t hash;
		int32_t index, next;
	} *entries; /* (count) next: entry of the same bucket, -1: none */
	int32_t *buckets;	/* (room) last entry of each, -1: none */
	long count;
	size_t room;		/* a power of 2, or 0 */
};

/* Hash of bytes, of a number. */
uint32_t lookup_bytes(const void *bytes, size_t size);
uint32_t lookup_number(int64_t x);

/* Append an index (0 .. 2^31 - 1). */
void lookup_put(struct lookup *l, uint32_t hash, long index);

/* The next index of this hash, latest first; -1: no more. *at: -1 before the first call. Safe side by side. */
long lookup_next(const struct lookup *l, uint32_t hash, long *at);

void lookup_free(struct lookup *l);

#endif
