/* listing_archive - the images of a tar archive

   A tar archive does not store its number of members: if it is cut between two members, only its end blocks are
   missing. So an archive without them counts as cut, unless its number of images agrees with the number in the file
   ARCHIVE.count. */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "dataset/listing.h"
#include "dataset/tar.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	NUMBER_BYTES = 64,	/* of a file or member that is one number */
	CLASS_MAX = 65535	/* as CONFIG_CLASSES_MAX */
};

/* The class number of a member KEY.cls, for the image that follows. */
struct pending { char *name; int number; };

static int
is_image(const struct tar *t, const struct tar_member *m)
{
	unsigned char head[DECODE_MAGIC];
	size_t n = m->size < (int64_t)sizeof head ? (size_t)m->size : sizeof head;

	if (decode_has_suffix(m->name))
		return 1;
	if (tar_read(t, m->offset, head, n) < 0)
		return -1;
	return decode_is_image(head, n);
}

/* The number in ARCHIVE.count; -1: there is no such file; -2 and err(): it is unreadable. */
static long
read_count(const char *path)
{
	char *name = mem_format("%s.count", path), *text, *end;
	size_t size;
	long n = -1;

	if (access(name, F_OK) == 0) {
		text = file_read(name, NUMBER_BYTES, &size);
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

/* True if the name has the key that the first `key` bytes of `member` are. */
static bool
has_key(const char *name, const char *member, size_t key)
{
	return tar_key(name) == key && strncmp(name, member, key) == 0;
}

/* Read KEY.cls: its number goes to the image before it or, in `pending`, to the one after it. */
static int
take_class(struct listing *l, const struct tar *t, const struct tar_member *m, long before, struct pending *pending)
{
	const size_t key = tar_key(m->name);
	char text[NUMBER_BYTES + 1] = "", *end;
	long number;

	if (m->size >= NUMBER_BYTES || tar_read(t, m->offset, text, (size_t)m->size) < 0)
		return m->size >= NUMBER_BYTES ? err(ERR_DATA, "%s: %s: %lld bytes are not a class number", t->path,
			m->name, (long long)m->size)
			: -1;
	number = strtol(text, &end, 10);
	if (end == text || end[strspn(end, " \t\r\n")] || number < 0 || number > CLASS_MAX)
		return err(ERR_DATA, "%s: %s: '%.20s' is not a class number from 0 to %d", t->path, m->name, text,
			CLASS_MAX);
	if (l->count > before && has_key(l->items[l->count - 1].name, m->name, key)) {
		l->items[l->count - 1].number = (int)number;
		return 0;
	}
	free(pending->name);
	*pending = (struct pending){ mem_text(m->name), (int)number };
	return 0;
}

static const char *
without_dot(const char *name)
{
	while (strncmp(name, "./", 2) == 0 && name[2])
		name += 2;
	return name;
}

static int
index_members(struct listing *l, struct tar *t, int archive)
{
	const char *last = "";
	struct pending pending = { NULL, -1 };
	struct tar_member m;
	const long before = l->count;
	int got;

	while ((got = tar_next(t, &m)) > 0) {
		struct listing_item *item;
		int image;

		m.name = without_dot(m.name);
		if (strcmp(m.name + tar_key(m.name), ".cls") == 0) {
			got = take_class(l, t, &m, before, &pending);
			if (got < 0)
				break;
			continue;
		}
		image = is_image(t, &m);
		if (image < 0) {
			got = -1;
			break;
		}
		if (!image)
			continue;
		if (has_key(last, m.name, tar_key(m.name))) {
			l->further++;
			continue;
		}
		item = listing_put(l, listing_text(l, m.name), archive);
		item->offset = m.offset;
		item->size = m.size;
		if (pending.name && has_key(pending.name, m.name, tar_key(m.name)))
			item->number = pending.number;
		last = item->name;
	}
	free(pending.name);
	return got;
}

int
listing_add_archive(struct listing *l, const char *path)
{
	long before = l->count, expected;
	struct tar t;

	if (tar_open(&t, path) < 0)
		return -1;
	if (index_members(l, &t, l->archive_count) < 0) {
		tar_close(&t);
		return -1;
	}
	l->archives = mem_room(l->archives, &l->archive_room, (size_t)l->archive_count + 1, sizeof *l->archives);
	l->archives[l->archive_count++] = t;
	l->links += t.links;
	expected = read_count(t.path);
	if (expected == -2)
		return -1;
	if (expected >= 0 && expected != l->count - before)
		return err(ERR_DATA, "%s: %ld images, but %ld in '%s.count'", path, l->count - before, expected, path);
	l->open_ended += expected < 0 && !t.ended;
	return 0;
}
