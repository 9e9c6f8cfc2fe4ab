/* png - fuzz target: any bytes as a PNG */
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char magic[8] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };
	static struct arena arena;
	struct decode_options o = { .max_pixels = 1e6, .max_expansion = 50000, .max_scans = 20, .upright = true };
	size_t skip = size >= 8 && memcmp(data, magic, 8) == 0 ? 8 : 0;
	unsigned char *copy = malloc(size - skip + 8);
	struct decode_report r;
	struct image p;

	memcpy(copy, magic, 8);
	memcpy(copy + 8, data + skip, size - skip);
	arena_reset(&arena);
	if (decode_image(copy, size - skip + 8, &o, &arena, &p, &r) == 0 && (p.width < 1 || p.height < 1))
		abort();
	free(copy);
	return 0;
}
