/* tar_stream - the images of a tar archive in its order, once: for an archive from a pipe */
#include "dataset/tar_stream.h"
#include "annotation/key.h"
#include "base/hash.h"
#include "base/mem.h"
#include "codec/decode.h"
#include "dataset/foreign.h"
#include "dataset/listing.h"
#include "dataset/sample.h"
#include "dataset/tar.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct tar_stream_member { struct sample_member sample; struct tar_image image; };

/* Read a member if it is an image. 1, 0, or -1 and err(). */
static int
read_member(struct tar_stream *s, const struct tar_member *m, struct tar_stream_member *to)
{
	const char *name = key_plain(m->name);
	const size_t size = (size_t)m->size, head = size < DECODE_MAGIC ? size : DECODE_MAGIC;
	const bool named = s->notes.image_member || decode_has_suffix(name);
	unsigned char first[DECODE_MAGIC];

	if (tar_is_hidden(name))
		return 0;
	*to = (struct tar_stream_member){ { NULL, tar_key(name), sample_rank(name, s->notes.image_member),
	    SAMPLE_USED },
		{ NULL, 0, NULL, size } };
	if (!named && foreign_is_packed(name))
		listing_note(&s->notes, LISTING_PACKED, name);
	if (to->sample.rank >= 0) {
		if (tar_read(s->tar, m->offset, first, head) < 0)
			return -1;
		if (!named && !decode_is_image(first, head))
			return 0;
		if (size <= s->limit) {
			to->image.bytes = mem_new(size + 1);
			memcpy(to->image.bytes, first, head);
			if (tar_read(s->tar, m->offset + (int64_t)head, (char *)to->image.bytes + head,
			    size - head) < 0) {
				free(to->image.bytes);
				return -1;
			}
		}
	} else if (!decode_has_suffix(name))
		return 0;
	to->sample.name = to->image.name = mem_text(name);
	return 1;
}

/* True if the key of a sample came before; else it is kept. */
static bool
came_before(struct tar_stream *s, const struct sample_member *m)
{
	const uint32_t hash = lookup_bytes(m->name, m->key);
	char *key = mem_format("%.*s", (int)m->key, m->name);
	long at = -1, i;

	if (!s->seen)
		s->seen = mem_new(sizeof *s->seen);
	while ((i = lookup_next(s->seen, hash, &at)) >= 0 && strcmp(s->notes.items[i].name, key) != 0)
		;
	if (i < 0) {
		lookup_put(s->seen, hash, s->notes.count);
		listing_put(&s->notes, listing_text(&s->notes, key), -1);
	}
	free(key);
	return i >= 0;
}

/* Choose among the first n images of the group: their sample is complete. */
static void
choose(struct tar_stream *s, size_t n)
{
	static const enum listing_note notes[] = { [SAMPLE_FURTHER] = LISTING_FURTHER,
	    [SAMPLE_REPEATED] = LISTING_REPEATED,
		[SAMPLE_DOTTED] = LISTING_DOTTED };
	struct sample_member **list = mem_array(n + 1, sizeof *list);
	const bool before = n > 0 && came_before(s, &s->group[0].sample);
	size_t i, ranked = 0;

	for (i = 0; i < n; i++)
		if (s->group[i].sample.rank >= 0)
			list[ranked++] = &s->group[i].sample;
	if (ranked)
		sample_choose(list, ranked);
	else if (n)
		listing_note(&s->notes, LISTING_NO_MEMBER, s->group[0].sample.name);
	free(list);
	for (i = 0; i < n; i++) {
		struct tar_stream_member *m = &s->group[i];

		if (before)
			m->sample.use = SAMPLE_REPEATED;
		if (m->sample.rank >= 0 && m->sample.use != SAMPLE_USED &&
			!(m->sample.use == SAMPLE_FURTHER && s->notes.image_member))
			listing_note(&s->notes, notes[m->sample.use], m->sample.name);
		if (m->sample.rank < 0 || m->sample.use == SAMPLE_FURTHER || m->sample.use == SAMPLE_REPEATED) {
			free(m->image.name);
			free(m->image.bytes);
			continue;
		}
		m->image.key = m->sample.key;
		s->ready = mem_room(s->ready, &s->ready_room, s->ready_count + 1, sizeof *s->ready);
		s->ready[s->ready_count++] = m->image;
	}
	if (s->count > n)
		memmove(s->group, s->group + n, sizeof *s->group * (s->count - n));
	s->count -= n;
}

/* Note what the archive as a whole has. */
static void
note_end(struct tar_stream *s)
{
	const struct tar *t = s->tar;
	long i;

	for (i = 0; i < t->links; i++)
		listing_note(&s->notes, LISTING_LINKS, t->path);
	for (i = 0; i < t->joined; i++)
		listing_note(&s->notes, LISTING_JOINED, t->path);
	if (t->after_end)
		listing_note(&s->notes, LISTING_AFTER_END, t->path);
}

/* Read up to the end of a sample with an image. 0, or -1 and err(). */
static int
read_sample(struct tar_stream *s)
{
	struct tar_stream_member member;
	const struct sample_member *a, *b;
	struct tar_member m;
	int got, image;

	while ((got = tar_next(s->tar, &m)) > 0) {
		image = read_member(s, &m, &member);
		if (image < 0)
			return -1;
		if (!image)
			continue;
		s->group = mem_room(s->group, &s->room, s->count + 1, sizeof *s->group);
		s->group[s->count++] = member;
		a = &s->group[0].sample;
		b = &member.sample;
		if (a->key != b->key || memcmp(a->name, b->name, a->key) != 0) {
			choose(s, s->count - 1);
			return 0;
		}
	}
	if (got < 0)
		return -1;
	choose(s, s->count);
	s->ended = true;
	note_end(s);
	return 0;
}

int
tar_stream_next(struct tar_stream *s, struct tar_image *image)
{
	while (s->next == s->ready_count) {
		s->next = s->ready_count = 0;
		if (s->ended && !s->tar->ended && !s->accept_open)
			return err(ERR_DATA,
			    "%s: byte %lld: cut short: the archive has no end blocks; set --count if it is complete",
				s->tar->path, (long long)s->tar->at);
		if (s->ended)
			return 0;
		if (read_sample(s) < 0)
			return -1;
	}
	*image = s->ready[s->next++];
	return 1;
}

const char *
tar_stream_name(const struct tar_stream *s, const struct tar_image *image, struct arena *a)
{
	char *name = arena_get(a, strlen(s->tar->path) + strlen(image->name) + 3);

	return err_plain(strcat(strcat(strcpy(name, s->tar->path), ": "), image->name));
}

void
tar_stream_free(struct tar_stream *s)
{
	size_t i;

	for (i = s->next; i < s->ready_count; i++) {
		free(s->ready[i].name);
		free(s->ready[i].bytes);
	}
	for (i = 0; i < s->count; i++) {
		free(s->group[i].image.name);
		free(s->group[i].image.bytes);
	}
	if (s->seen)
		lookup_free(s->seen);
	free(s->seen);
	free(s->ready);
	free(s->group);
	listing_free(&s->notes);
}
