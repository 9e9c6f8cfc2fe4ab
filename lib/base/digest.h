/* digest - XXH3-64, the checksum of streams and checkpoints (the door to xxHash)

   Not against an adversary: against cables, disks and interrupted programs. Seed 0, the default secret. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

struct digest;

/* A running digest of nothing yet; never NULL. */
struct digest *digest_new(void);

/* Start over. */
void digest_reset(struct digest *d);

/* The next bytes. */
void digest_add(struct digest *d, const void *bytes, size_t size);

/* The digest of all bytes added since the start; adding may go on. */
uint64_t digest_value(const struct digest *d);

void digest_free(struct digest *d);

/* The digest of bytes that are all there. */
uint64_t digest_of(const void *bytes, size_t size);

#endif
