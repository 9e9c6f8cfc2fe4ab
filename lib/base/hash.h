/* hash - XXH3-64 digests, and hash tables from texts and numbers to indices

   The digest is the checksum of streams and checkpoints: seed 0, the default secret. It detects errors of cables, disks
   and interrupted programs, not an adversary. Only hash.c includes xxHash. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct digest;

/* A running digest of no bytes; never NULL. */
struct digest *digest_new(void);

/* Start over. */
void digest_reset(struct digest *d);

/* Add the next bytes. */
void digest_add(struct digest *d, const void *bytes, size_t size);

/* The digest of all bytes since the start; more may be added. */
uint64_t digest_value(const struct digest *d);

void digest_free(struct digest *d);

/* The digest of `size` bytes. */
uint64_t digest_of(const void *bytes, size_t size);

/* A hash table. The keys stay with the caller, who compares those of the candidates: several keys may share a hash. */
struct lookup {
	struct lookup_entry {
		uint32_t hash;
		int32_t index, next;
	} *entries;		/* (count) next: entry of the same bucket, -1: none */
	int32_t *buckets;	/* (room) last entry of each, -1: none */
	long count;
	size_t room;		/* a power of 2, or 0 */
};

/* Hash of bytes, of a number. */
uint32_t lookup_bytes(const void *bytes, size_t size);
uint32_t lookup_number(int64_t x);

/* Append an index (0 .. 2^31 - 1). */
void lookup_put(struct lookup *l, uint32_t hash, long index);

/* The next index of this hash, latest first; -1: no more. *at: -1 before the first call. Thread-safe while nothing is
   put. */
long lookup_next(const struct lookup *l, uint32_t hash, long *at);

void lookup_free(struct lookup *l);

#endif
