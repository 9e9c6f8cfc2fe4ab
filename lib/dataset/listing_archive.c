/* listing_archive - the images of a tar archive

   Nothing in a tar says how many members there should be: one cut between two members looks whole but for its
   end blocks. So their absence counts, unless ARCHIVE.count, a file beside it with the number of images,
   agrees. */
#include "base/err.h"
#include "base/file.h"
#include "dataset/listing_part.h"
#include "codec/decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	COUNT_BYTES = 64,	/* a count is one number, and so is a class */
	CLASS_MAX = 65535	/* as many as a model takes (CONFIG_CLASSES_MAX) */
};

/* The class that a member KEY.cls says, for an image that may stand before or behind it. */
struct told { char *key; int number; };

static int
is_image(const struct tar *t, const struct tar_member *m)
{
	unsigned char head[8];
	size_t n = m->size < (int64_t)sizeof head ? (size_t)m->size : sizeof head;

	if (listing_part_suffix(m->name))
		return 1;
	if (tar_read(t, m->offset, head, n) < 0)
		return -1;
	return decode_is_image(head, n);
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

/* Members of a sample stand together: is this the key of the name? */
static bool
has_key(const char *name, const char *member, size_t key)
{
	return tar_key(name) == key && strncmp(name, member, key) == 0;
}

/* Read KEY.cls: its number goes to the image before it or, in `told`, to the one behind. */
static int
take_class(struct listing *l, const struct tar *t, const struct tar_member *m, long before, struct told *told)
{
	const size_t key = tar_key(m->name);
	char text[COUNT_BYTES + 1] = "", *end;
	long number;

	if (m->size >= COUNT_BYTES || tar_read(t, m->offset, text, (size_t)m->size) < 0)
		return m->size >= COUNT_BYTES ? err(ERR_DATA, "%s: %s: %lld bytes are not the number of a class", t->path, m->name, (long long)m->size) : -1;
	number = strtol(text, &end, 10);
	if (end == text || end[strspn(end, " \t\r\n")] || number < 0 || number > CLASS_MAX)
		return err(ERR_DATA, "%s: %s: '%.20s' is not the number of a class (0 to %d)", t->path, m->name, text, CLASS_MAX);
	if (l->count > before && has_key(l->items[l->count - 1].name, m->name, key)) {
		l->items[l->count - 1].number = (int)number;
		return 0;
	}
	free(told->key);
	*told = (struct told){ mem_text(m->name), (int)number };
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
	struct told told = { NULL, -1 };
	struct tar_member m;
	const long before = l->count;
	int got;

	while ((got = tar_next(t, &m)) > 0) {
		struct listing_item *item;
		int image;

		m.name = without_dot(m.name);
		if (strcmp(m.name + tar_key(m.name), ".cls") == 0) {
			got = take_class(l, t, &m, before, &told);
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
		item = listing_part_put(l, listing_part_text(l, m.name), archive);
		item->offset = m.offset;
		item->size = m.size;
		if (told.key && has_key(told.key, m.name, tar_key(m.name)))
			item->number = told.number;
		last = item->name;
	}
	free(told.key);
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
		return err(ERR_DATA, "%s: %ld images, but %s.count says %ld", path, l->count - before, path, expected);
	l->open_ended += expected < 0 && !t.ended;
	return 0;
}
