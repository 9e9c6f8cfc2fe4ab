/* digest - XXH3-64, the checksum of streams and checkpoints (the only file that includes xxHash)

   It detects errors of cables, disks and interrupted programs, not an adversary. Seed 0, the default secret. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

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

#endif
