/* listing_archive - the images of a tar archive

   A tar archive does not store its number of members: if it is cut between two members, only its end blocks are
   missing. So an archive without them counts as cut, unless its number of images agrees with the number in the file
   ARCHIVE.count. */
#include "annotation/key.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "dataset/foreign.h"
#include "dataset/listing.h"
#include "dataset/sample.h"
#include "dataset/tar.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { COUNT_BYTES = 64 };	/* of ARCHIVE.count */

/* An image, or the class of one. */
struct member {
	struct sample_member sample;
	int64_t offset, size;
	long next;		/* of an image: the next one of its key; of a class: an image that has it; -1: none */
};

/* The members that matter, in the order of the archive. */
struct members {
	struct member *images, *classes;
	long image_count, class_count;
	size_t image_room, class_room;
};

/* The number in ARCHIVE.count; -1: there is no such file; -2 and err(): it is unreadable. */
static long
read_count(const char *path)
{
	char *name = mem_format("%s.count", path), *text, *end;
	size_t size;
	long n = -1;

	if (file_exists(name)) {
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

static bool
is_class(const struct listing *l, const char *name)
{
	const size_t key = tar_key(name);

	return l->class_member && name[key] == '.' && (strcasecmp(name + key + 1, l->class_member) == 0 ||
		strcasecmp(strrchr(name, '.') + 1, l->class_member) == 0);
}

/* 1: an image by its name or, if no member was requested, by its first bytes; 0: not; -1 and err(). */
static int
is_image(const struct listing *l, const struct tar *t, const struct tar_member *m)
{
	unsigned char head[DECODE_MAGIC];
	size_t n = m->size < (int64_t)sizeof head ? (size_t)m->size : sizeof head;

	if (l->image_member || decode_has_suffix(m->name))
		return 1;
	if (tar_read(t, m->offset, head, n) < 0)
		return -1;
	return decode_is_image(head, n);
}

/* Collect a member. 0, or -1 and err(). */
static int
take(struct listing *l, const struct tar *t, const struct tar_member *m, struct members *all)
{
	const char *name = key_plain(m->name);
	const struct member member = { { name, tar_key(name), sample_rank(name, l->image_member), SAMPLE_USED },
	    m->offset,
		m->size, -1 };
	int image;

	if (tar_is_hidden(name))
		return 0;
	if (is_class(l, name)) {
		all->classes = mem_room(all->classes, &all->class_room, (size_t)all->class_count + 1,
		    sizeof *all->classes);
		all->classes[all->class_count] = member;
		all->classes[all->class_count++].sample.name = listing_text(l, name);
		return 0;
	}
	image = is_image(l, t, m);
	if (image == 0 && foreign_is_packed(name))
		listing_note(l, LISTING_PACKED, name);
	if (image <= 0)
		return image;
	all->images = mem_room(all->images, &all->image_room, (size_t)all->image_count + 1, sizeof *all->images);
	all->images[all->image_count] = member;
	all->images[all->image_count++].sample.name = listing_text(l, name);
	return 0;
}

static bool
same_key(const struct sample_member *a, const struct sample_member *b)
{
	return a->key == b->key && memcmp(a->name, b->name, a->key) == 0;
}

/* Link the images of each key, and choose among them. */
static void
choose(struct listing *l, struct members *all)
{
	struct lookup by_key = { 0 };
	struct sample_member **group = NULL;
	long *last = mem_array((size_t)all->image_count + 1, sizeof *last), i, k;
	bool *first = mem_array((size_t)all->image_count + 1, sizeof *first);
	size_t room = 0, n;

	for (i = 0; i < all->image_count; i++) {
		const struct sample_member *s = &all->images[i].sample;
		const uint32_t hash = lookup_bytes(s->name, s->key);
		long at = -1;

		while ((k = lookup_next(&by_key, hash, &at)) >= 0 && !same_key(&all->images[k].sample, s))
			;
		first[i] = k < 0;
		if (k < 0)
			lookup_put(&by_key, hash, k = i);
		else
			all->images[last[k]].next = i;
		last[k] = i;
	}
	for (i = 0; i < all->image_count; i++) {
		for (k = first[i] ? i : -1, n = 0; k >= 0; k = all->images[k].next) {
			if (all->images[k].sample.rank < 0)
				continue;
			group = mem_room(group, &room, n + 1, sizeof *group);
			group[n++] = &all->images[k].sample;
		}
		if (n)
			sample_choose(group, n);
		else if (first[i] && decode_has_suffix(all->images[i].sample.name))
			listing_note(l, LISTING_NO_MEMBER, all->images[i].sample.name);
	}
	lookup_free(&by_key);
	free(group);
	free(last);
	free(first);
}

/* Append the chosen images to the listing. */
static void
put_images(struct listing *l, const struct members *all, int archive)
{
	static const enum listing_note notes[] = { [SAMPLE_FURTHER] = LISTING_FURTHER,
	    [SAMPLE_REPEATED] = LISTING_REPEATED,
		[SAMPLE_DOTTED] = LISTING_DOTTED };
	struct listing_item *item;
	long i;

	for (i = 0; i < all->image_count; i++) {
		const struct member *m = &all->images[i];

		if (m->sample.rank < 0)
			continue;
		if (m->sample.use != SAMPLE_USED && !(m->sample.use == SAMPLE_FURTHER && l->image_member))
			listing_note(l, notes[m->sample.use], m->sample.name);
		if (m->sample.use == SAMPLE_FURTHER || m->sample.use == SAMPLE_REPEATED)
			continue;
		item = listing_put(l, m->sample.name, archive);
		item->offset = m->offset;
		item->size = m->size;
		item->key = (int)m->sample.key;
	}
}

/* The member with the class of an image: of its own name, else of its key. */
static struct member *
find_class(const struct members *all, const struct lookup *by_stem, const char *name)
{
	const char *slash = strrchr(name, '/'), *dot = strrchr(slash ? slash + 1 : name, '.');
	const size_t tries[2] = { dot ? (size_t)(dot - name) : strlen(name), tar_key(name) };
	long at, k;
	int i;

	for (i = 0; i < 2; i++)
		for (at = -1; (k = lookup_next(by_stem, lookup_bytes(name, tries[i]), &at)) >= 0;)
			if (all->classes[k].sample.key == tries[i] && memcmp(all->classes[k].sample.name, name,
			    tries[i]) == 0)
				return &all->classes[k];
	return NULL;
}

/* Give the images from `before` on their class members, which may stand anywhere in the archive. */
static void
connect_classes(struct listing *l, struct members *all, long before)
{
	struct lookup by_stem = { 0 };
	long i, k, at;

	for (i = all->class_count; i-- > 0;) {
		struct sample_member *s = &all->classes[i].sample;

		s->key = strlen(s->name) - strlen(l->class_member) - 1;
		for (at = -1; (k = lookup_next(&by_stem, lookup_bytes(s->name, s->key), &at)) >= 0;)
			if (same_key(&all->classes[k].sample, s)) {
				listing_note(l, LISTING_REPEATED_CLASS, s->name);
				all->classes[k].sample.use = SAMPLE_REPEATED;
				break;
			}
		lookup_put(&by_stem, lookup_bytes(s->name, s->key), i);
	}
	for (i = before; i < l->count; i++) {
		struct member *m = find_class(all, &by_stem, l->items[i].name);

		if (!m)
			continue;
		m->next = i;
		l->items[i].class_offset = m->offset;
		l->items[i].class_size = m->size < INT32_MAX ? (int)m->size : INT32_MAX;
	}
	for (i = 0; i < all->class_count; i++)
		if (all->classes[i].next < 0 && all->classes[i].sample.use != SAMPLE_REPEATED)
			listing_note(l, LISTING_CLASS_ALONE, all->classes[i].sample.name);
	lookup_free(&by_stem);
}

static int
index_members(struct listing *l, struct tar *t, int archive)
{
	struct members all = { 0 };
	const long before = l->count;
	struct tar_member m;
	int got;

	while ((got = tar_next(t, &m)) > 0)
		if (take(l, t, &m, &all) < 0) {
			got = -1;
			break;
		}
	choose(l, &all);
	put_images(l, &all, archive);
	connect_classes(l, &all, before);
	free(all.images);
	free(all.classes);
	return got;
}

int
listing_add_archive(struct listing *l, const char *path)
{
	long before = l->count, expected, i;
	struct tar t;

	if (tar_open(&t, path) < 0)
		return -1;
	if (index_members(l, &t, l->archive_count) < 0) {
		tar_close(&t);
		return -1;
	}
	l->archives = mem_room(l->archives, &l->archive_room, (size_t)l->archive_count + 1, sizeof *l->archives);
	l->archives[l->archive_count++] = t;
	for (i = 0; i < t.links; i++)
		listing_note(l, LISTING_LINKS, path);
	for (i = 0; i < t.joined; i++)
		listing_note(l, LISTING_JOINED, path);
	if (t.after_end)
		listing_note(l, LISTING_AFTER_END, path);
	expected = read_count(t.path);
	if (expected == -2)
		return -1;
	if (expected >= 0 && expected != l->count - before)
		return err(ERR_DATA, "%s: %ld images, but %ld in '%s.count'", path, l->count - before, expected, path);
	if (expected < 0 && !t.ended)
		listing_note(l, LISTING_OPEN_ENDED, path);
	return 0;
}
