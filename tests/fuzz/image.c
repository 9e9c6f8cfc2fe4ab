/* image - fuzz target: any bytes as WebP, TIFF, BMP, GIF or PNM, with each option of the tools, and their pages */
#include "base/mem.h"
#include "codec/decode.h"
#include "codec/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Decode a copy of its own size, so that reads beyond its end are found. */
static void
decode(const uint8_t *data, size_t size, const struct decode_options *o)
{
	static struct arena arena;
	unsigned char *copy = malloc(size ? size : 1);
	struct decode_report r;
	struct image p;
	int64_t *at = NULL;
	bool damaged;

	memcpy(copy, data, size);
	if (o->page && decode_pages(copy, size, &damaged, &at) < 1)
		abort();
	free(at);
	arena_reset(&arena);
	if (decode_image(copy, size, o, &arena, &p, &r) == 0 &&
		(p.width < 1 || p.height < 1 || p.channels != (o->gray ? 1 : o->channels ? o->channels : 3) ||
		    p.bytes != (o->deep ? 2 : 1)))
		abort();
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* data that begin like no format get the first bytes of one */
	static const struct { const char *bytes; size_t size; } magic[] = { { "RIFF\xff\0\0\0WEBPVP8L", 16 },
	    { "RIFF\xff\0\0\0WEBPVP8 ", 16 },
		{ "II*\0\x08\0\0\0", 8 }, { "MM\0*\0\0\0\x08", 8 }, { "BM\xff\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
		    18 }, { "GIF89a", 6 },
		{ "P2\n", 3 }, { "P6\n", 3 } };
	struct decode_options o = { .max_pixels = 1e6, .max_expansion = 50000, .max_scans = 20, .max_memory = 64e6 };
	const size_t pick = size ? data[0] % (sizeof magic / sizeof *magic) : 0;
	int way;

	for (way = 0; way < 4; way++) {
		o.gray = way == 1;
		o.upright = way == 1;
		o.deep = way >= 2;
		o.channels = way == 3 ? 4 : 0;
		o.page = way == 2 ? (int)(size % 4) + 1 : 0;
		if (decode_is_image(data, size) || (size > 1 && data[0] == 'P')) {
			decode(data, size, &o);
		} else {
			uint8_t *whole = malloc(magic[pick].size + size);

			memcpy(whole, magic[pick].bytes, magic[pick].size);
			memcpy(whole + magic[pick].size, data, size);
			decode(whole, magic[pick].size + size, &o);
			free(whole);
		}
	}
	return 0;
}
