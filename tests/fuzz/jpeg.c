/* jpeg - fuzz target: any bytes as a JPEG, decoded with each option of the tools */
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct arena arena;
	/* small enough that a run is short */
	struct decode_options o = { .max_pixels = 1e6, .max_expansion = 50000, .max_scans = 20 };
	unsigned char *copy = malloc(size + 2);
	struct decode_report r;
	struct image p;
	int way, decoded;

	memcpy(copy, "\xff\xd8", 2);
	memcpy(copy + 2, data, size);
	for (way = 0; way < 3; way++) {
		o.gray = way == 1;
		o.upright = way == 1;
		o.side = way == 2 ? 16 : 0;
		arena_reset(&arena);
		/* data that begin like a JPEG are taken as they are: the corpus */
		if (size >= 2 && memcmp(data, "\xff\xd8", 2) == 0)
			decoded = decode_image(data, size, &o, &arena, &p, &r);
		else
			decoded = decode_image(copy, size + 2, &o, &arena, &p, &r);
		if (decoded == 0 && (p.width < 1 || p.height < 1))
			abort();
	}
	free(copy);
	return 0;
}
