/* resize - 500 seeded pictures, resized, against the checksums that Pillow gave (tests/golden/resize.py) */
#include "base/rng.h"
#include "image/resize.h"
#include "crc.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;

/* the same bytes as philox() in resize.py */
static struct picture
seeded(int row, int width, int height, int channels)
{
	struct picture p = picture_new(&arena, width, height, channels);
	size_t n = p.stride * (size_t)height, i;
	uint32_t key[2] = { (uint32_t)row, 0 }, word[4];

	for (i = 0; i < n; i++) {
		if (i % 16 == 0)
			rng_philox((uint32_t[4]){ (uint32_t)(i / 16), 0, 0, 0 }, key, word);
		p.pixels[i] = (uint8_t)(word[i % 16 / 4] >> 8 * (i % 4));
		if (row % 3 == 0)
			p.pixels[i] = p.pixels[i] >> 7 ? 255 : 0;
	}
	return p;
}

static int
check(const char *line, int *bad)
{
	int row, w, h, channels, tw, th;
	float box[4];
	char filter[16];
	unsigned expected, got;
	struct picture from, to;

	if (sscanf(line, "%d %d %d %d %15s %f %f %f %f %d %d %x", &row, &w, &h, &channels, filter,
		&box[0], &box[1], &box[2], &box[3], &tw, &th, &expected) != 12)
		return 0;
	arena_reset(&arena);
	from = seeded(row, w, h, channels);
	to = picture_new(&arena, tw, th, channels);
	resize(&arena, &to, &from, box, strcmp(filter, "bicubic") == 0 ? RESIZE_BICUBIC : RESIZE_BILINEAR);
	got = crc(0, to.pixels, to.stride * (size_t)th);
	if (got != expected) {
		diag("%08x instead of %s", got, line);
		(*bad)++;
	}
	return 1;
}

int
main(void)
{
	static const char *const isa[] = { "baseline", "best" };
	int i;

	for (i = 0; i < 2; i++) {
		FILE *f = fopen("tests/golden/resize.tsv", "r");
		int rows = 0, bad = 0;
		char line[256];

		setenv("TSCAE_ISA", isa[i], 1);
		if (!f)
			return tap_skip("tests/golden/resize.tsv is not here");
		while (fgets(line, sizeof line, f))
			rows += check(line, &bad);
		fclose(f);
		ok(rows == 500 && bad == 0, "%d pictures, boxes and filters: difference 0 from Pillow (%s instructions)", rows, isa[i]);
	}
	arena_free(&arena);
	return tap_end();
}
