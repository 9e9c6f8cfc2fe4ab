/* frames - pages and frames decoded one after the other, or in any order, are those that are decoded alone

   frames FILE ...: each file, whole, cut and with bytes changed, in several orders: the pixels, the damage and the
   error of every page. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "codec/decode.h"
#include "codec/image.h"
#include "crc.h"
#include "tap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 1 << 24, PAGES = 64, DAMAGED = 40 };

struct result { uint32_t sum; char text[256]; };

static struct arena arena;

/* A page: the checksum of its pixels, and the damage or error. */
static struct result
page(const void *bytes, size_t size, struct decode_options o)
{
	struct decode_report r;
	struct result to = { 0 };
	struct image p;

	arena_reset(&arena);
	if (decode_image(bytes, size, &o, &arena, &p, &r) < 0)
		snprintf(to.text, sizeof to.text, "error: %s", err_text());
	else {
		to.sum = crc(0, p.pixels, p.stride * (size_t)p.height);
		snprintf(to.text, sizeof to.text, "%d %dx%d %d: %s", (int)r.damage, p.width, p.height, r.orientation,
			r.what);
		decode_budget_put(o.budget, r.memory);
	}
	return to;
}

/* Pages in this order, from 0, with one cursor. Returns how many differ from those that are decoded alone. */
static int
follow(const void *bytes, size_t size, const struct result *alone, const int64_t *at, const int *order, int count)
{
	struct decode_budget budget = DECODE_BUDGET(1e9);
	struct decode_options o = decode_defaults;
	struct decode_cursor cursor = { 0 };
	int i, different = 0;

	o.budget = &budget;
	o.cursor = decode_has_frames(bytes, size) ? &cursor : NULL;
	for (i = 0; i < count; i++) {
		struct result got;

		o.page = order[i] + 1;
		o.page_at = at ? at[order[i]] : 0;
		got = page(bytes, size, o);
		if (got.sum != alone[order[i]].sum || strcmp(got.text, alone[order[i]].text) != 0) {
			diag("page %d: '%s' instead of '%s'", o.page, got.text, alone[order[i]].text);
			different++;
		}
	}
	decode_cursor_free(&cursor, &budget);
	return different + (budget.used != 0 || budget.kept != 0 || budget.cursors);
}

/* All orders of the pages of a file. Returns how many pages differ. */
static int
compare(const void *bytes, size_t size, struct rng *r)
{
	struct decode_options o = decode_defaults;
	static struct result alone[PAGES];
	int order[PAGES] = { 0 }, count, i, different;
	int64_t *at;
	bool damaged;

	count = (int)decode_pages(bytes, size, &damaged, &at);
	count = count < PAGES ? count : PAGES;
	for (i = 0; i < count; i++) {
		o.page = i + 1;
		alone[i] = page(bytes, size, o);
		order[i] = i;
	}
	different = follow(bytes, size, alone, at, order, count);
	for (i = 0; i < count / 2; i++)
		order[i] = 2 * i + 1;
	different += follow(bytes, size, alone, at, order, count / 2);
	for (i = 0; i < count; i++)
		order[i] = (int)rng_below(r, count);
	different += follow(bytes, size, alone, at, order, count);
	free(at);
	return different;
}

static void
check(const char *path)
{
	struct rng r = rng_at(3, 0, "frames", "");
	size_t size, n;
	unsigned char *bytes = file_read(path, LIMIT, &size), *copy;
	int i, different = 0;

	if (!ok(bytes != NULL, "%s is read", path))
		return;
	ok(compare(bytes, size, &r) == 0, "%s: pages after others are those that are decoded alone", path);
	for (i = 0; i < DAMAGED; i++) {
		n = i % 2 ? size : 1 + (size_t)rng_below(&r, (long)size - 1);
		copy = malloc(n);
		memcpy(copy, bytes, n);
		if (n == size)
			copy[64 + rng_below(&r, (long)size - 64)] ^= (unsigned char)(1 + rng_below(&r, 255));
		different += compare(copy, n, &r);
		free(copy);
	}
	ok(different == 0, "%s: also where the file is damaged or cut", path);
	free(bytes);
}

int
main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		return tap_skip("tests/pages.t runs it, with files");
	for (i = 1; i < argc; i++)
		check(argv[i]);
	arena_free(&arena);
	return tap_end();
}
