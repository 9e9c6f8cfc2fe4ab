/* resize - 500 seeded images, resized, against Pillow's checksums (tests/golden/resize.py) */
#include "base/mem.h"
#include "base/rng.h"
#include "codec/image.h"
#include "crc.h"
#include "tap.h"
#include "transform/resize.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct arena arena;

/* The same bytes as philox() in tests/golden/resize.py. */
static struct image
seeded(int row, int width, int height, int channels)
{
	struct image p = image_new(&arena, width, height, channels);
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
	struct image from, to;

	if (sscanf(line, "%d %d %d %d %15s %f %f %f %f %d %d %x", &row, &w, &h, &channels, filter,
		&box[0], &box[1], &box[2], &box[3], &tw, &th, &expected) != 12)
		return 0;
	arena_reset(&arena);
	from = seeded(row, w, h, channels);
	to = image_new(&arena, tw, th, channels);
	resize(&arena, &to, &from, box, strcmp(filter, "bicubic") == 0 ? RESIZE_BICUBIC : RESIZE_BILINEAR);
	got = crc(0, to.pixels, to.stride * (size_t)th);
	if (got != expected) {
		diag("%08x instead of %s", got, line);
		(*bad)++;
	}
	return 1;
}

/* An image that ends at the last accessible byte. */
static struct image
at_the_edge(uint8_t *end, int width, int height)
{
	return image_over(end - (size_t)width * (size_t)height * 3, width, height, 3);
}

/* Small images, flipped too, at the end of accessible memory: an access to a byte after them is a fault. */
static void
edge(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *from_room = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *to_room = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i, bad = 0;

	mprotect(from_room + 2 * page, page, PROT_NONE);
	mprotect(to_room + 2 * page, page, PROT_NONE);
	for (i = 0; i < 2000; i++) {
		const int w = 1 + i % 17, h = 1 + i % 13, tw = 1 + i % 19, th = 1 + i % 11;
		struct image from = at_the_edge(from_room + 2 * page, w, h),
			to = at_the_edge(to_room + 2 * page, tw, th), other;

		arena_reset(&arena);
		memcpy(from.pixels, seeded(i, w, h, 3).pixels, (size_t)w * (size_t)h * 3);
		setenv("TSCAE_ISA", "baseline", 1);
		other = image_new(&arena, tw, th, 3);
		resize_part(&arena, &other, &from, tw, th, 0, 0, false, RESIZE_BICUBIC);
		image_flip(&other);
		setenv("TSCAE_ISA", "best", 1);
		resize_part(&arena, &to, &from, tw, th, 0, 0, true, RESIZE_BICUBIC);
		bad += memcmp(to.pixels, other.pixels, (size_t)tw * (size_t)th * 3) != 0;
	}
	ok(bad == 0, "resize and flip at the end of accessible memory: the bytes of the general loop and image_flip()");
	munmap(from_room, 3 * page);
	munmap(to_room, 3 * page);
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
			return tap_skip("tests/golden/resize.tsv is missing");
		while (fgets(line, sizeof line, f))
			rows += check(line, &bad);
		fclose(f);
		ok(rows == 500 && bad == 0,
			"resize: %d images, boxes and filters have Pillow's bytes (%s instructions)", rows, isa[i]);
	}
	edge();
	arena_free(&arena);
	return tap_end();
}
