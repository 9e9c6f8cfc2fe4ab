/* listing_pages - the pages of files that have several, as images of their own */
#include "base/file.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "dataset/listing.h"
#include "dataset/tar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* True if the first bytes of an item are those of a format with pages. */
static bool
may_have_pages(const struct listing *l, const struct listing_item *item)
{
	unsigned char head[DECODE_MAGIC];
	ssize_t n = 0;
	int fd;

	if (item->archive >= 0)
		return item->size >= (int64_t)sizeof head &&
			tar_read(&l->archives[item->archive], item->offset, head, sizeof head) == 0 &&
			decode_has_pages(head, sizeof head);
	fd = file_open(item->name);
	if (fd >= 0) {
		n = read(fd, head, sizeof head);
		close(fd);
	}
	return n > 0 && decode_has_pages(head, (size_t)n);
}

/* The number of pages of an item. *at: as decode_pages(). */
static long
count_pages(struct listing *l, long i, size_t limit, int64_t **at)
{
	bool damaged = false;
	long pages = 1;
	size_t size;
	void *bytes;

	*at = NULL;
	if (!may_have_pages(l, &l->items[i]))
		return 1;
	bytes = listing_read(l, i, limit, &size);
	if (bytes)
		pages = decode_pages(bytes, size, &damaged, at);
	free(bytes);
	if (damaged)
		listing_note(l, LISTING_CUT_PAGES, l->items[i].name);
	return pages;
}

void
listing_expand_pages(struct listing *l, size_t limit)
{
	struct listing_item *items = l->items;
	const long count = l->count;
	struct { long count; int64_t *at; } *pages = mem_array((size_t)count + 1, sizeof *pages);
	long i, k;

	for (i = 0; i < count; i++)
		pages[i].count = count_pages(l, i, limit, &pages[i].at);
	l->items = NULL;
	l->room = 0;
	l->count = 0;
	for (i = 0; i < count; i++) {
		for (k = 0; k < pages[i].count; k++) {
			struct listing_item *to = listing_put(l, items[i].name, items[i].archive);

			*to = items[i];
			to->page = pages[i].count > 1 ? (int)k + 1 : 0;
			to->page_at = pages[i].at ? pages[i].at[k] : 0;
		}
		free(pages[i].at);
	}
	free(items);
	free(pages);
}
