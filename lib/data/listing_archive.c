/* listing_archive - the pictures of a tar archive

   Nothing in a tar says how many members there should be: one cut between two members looks whole but for its
   end blocks. So their absence counts, unless ARCHIVE.count, a file beside it with the number of pictures,
   agrees. */
#include "base/err.h"
#include "base/file.h"
#include "data/listing_part.h"
#include "image/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT_BYTES = 64 };	/* a count is one number */

static int
is_picture(const struct tar *t, const struct tar_member *m)
{
	unsigned char head[8];
	size_t n = m->size < (int64_t)sizeof head ? (size_t)m->size : sizeof head;

	if (listing_part_suffix(m->name))
		return 1;
	if (tar_read(t, m->offset, head, n) < 0)
		return -1;
	return decode_knows(head, n);
}

/* The number in ARCHIVE.count; -1: there is no such file; -2 and err(): it cannot be read. */
static long
said(const char *path)
{
	char *name = mem_format("%s.count", path), *text, *end;
	size_t size;
	long n = -1;

	if (access(name, F_OK) == 0) {
		text = file_read(name, COUNT_BYTES, &size);
		n = text ? strtol(text, &end, 10) : -2;
		if (text && (end == text || end[strspn(end, " \t\r\n")] || n < 0)) {
			err(ERR_DATA, "%s: not a number", name);
			n = -2;
		}
		free(text);
	}
	free(name);
	return n;
}

static int
index_members(struct listing *l, struct tar *t, int archive)
{
	const char *last = "";
	struct tar_member m;
	int got;

	while ((got = tar_next(t, &m)) > 0) {
		int picture = is_picture(t, &m);
		struct listing_item *item;
		size_t n;

		if (picture < 0)
			return -1;
		if (!picture)
			continue;
		while (strncmp(m.name, "./", 2) == 0 && m.name[2])
			m.name += 2;
		n = tar_key(m.name);
		if (strlen(last) >= n && tar_key(last) == n && strncmp(last, m.name, n) == 0) {
			l->further++;
			continue;
		}
		item = listing_part_put(l, listing_part_text(l, m.name), archive);
		item->offset = m.offset;
		item->size = m.size;
		last = item->name;
	}
	return got;
}

int
listing_part_archive(struct listing *l, const char *path)
{
	long before = l->count, expected;
	struct tar t;

	if (tar_open(&t, path) < 0)
		return -1;
	if (index_members(l, &t, l->archive_count) < 0) {
		tar_close(&t);
		return -1;
	}
	l->archives = mem_grow(l->archives, sizeof *l->archives * (size_t)(l->archive_count + 1));
	l->archives[l->archive_count++] = t;
	l->links += t.links;
	expected = said(t.path);
	if (expected == -2)
		return -1;
	if (expected >= 0 && expected != l->count - before)
		return err(ERR_DATA, "%s: %ld pictures, but %s.count says %ld", path, l->count - before, path, expected);
	l->open_ended += expected < 0 && !t.ended;
	return 0;
}
