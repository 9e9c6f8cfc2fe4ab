/* digest - XXH3-64, the checksum of streams and checkpoints (the only file that includes xxHash) */
#include "base/digest.h"
#include "base/mem.h"

#include <stdlib.h>
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
