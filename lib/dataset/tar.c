/* tar - the members of a tar archive by offset

   A header is a block of 512 bytes; the content follows, padded to whole blocks; two blocks of zeros end the archive.
   Members of type x and g are pax records ("LENGTH key=value\n"), L a long name: they extend the next member's
   header. */
#include "dataset/tar.h"
#include "base/err.h"
#include "base/mem.h"
#include "dataset/tar_source.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 512,
	EXTENDED_MAX = 1 << 20	/* bytes of a pax header or long name: no file system has names of more than a few KB */
};
static const unsigned char zero[BLOCK];

/* Offset and width of the fields of a header: POSIX.1-2001, pax, "ustar Interchange Format". */
enum {
	NAME = 0, NAME_WIDTH = 100, SIZE = 124, SIZE_WIDTH = 12, SUM = 148, SUM_WIDTH = 8, KIND = 156, MAGIC = 257,
	PREFIX = 345, PREFIX_WIDTH = 155
};

static int
malformed(const struct tar *t, const char *what)
{
	return err(ERR_DATA, "%s: %s (header at byte %lld)", t->path, what, (long long)t->at);
}

/* Octal digits between spaces, or base 256 where the first bit is set. -1: not a number, or too large. */
static int64_t
number(const unsigned char *p, int width)
{
	int64_t x = 0;
	int i = 0;

	if (p[0] & 0x80) {
		if (p[0] != 0x80)
			return -1;
		for (i = 1; i < width; i++)
			if (__builtin_mul_overflow(x, 256, &x) || __builtin_add_overflow(x, p[i], &x))
				return -1;
		return x;
	}
	while (i < width && p[i] == ' ')
		i++;
	if (i == width || p[i] == 0)
		return -1;
	for (; i < width && p[i] >= '0' && p[i] <= '7'; i++)
		x = x * 8 + (p[i] - '0');	/* 12 digits are 36 bits */
	return i == width || p[i] == ' ' || p[i] == 0 ? x : -1;
}

static bool
checksum_matches(const unsigned char *h)
{
	long sum = 0, signed_sum = 0, stored = (long)number(h + SUM, SUM_WIDTH);
	int i;

	for (i = 0; i < BLOCK; i++) {
		unsigned char c = i >= SUM && i < SUM + SUM_WIDTH ? ' ' : h[i];

		sum += c;
		signed_sum += (signed char)c;	/* some old writers summed signed bytes */
	}
	return stored == sum || stored == signed_sum;
}

/* What extended headers give for the next member. */
struct extended {
	char *name;	/* owned; NULL: none */
	int64_t size;	/* -1: none */
};

/* Apply one pax record. NULL, or the reason why it is refused. */
static const char *
apply(struct extended *e, const char *key, const char *value)
{
	char *end;

	if (strcmp(key, "path") == 0) {
		free(e->name);
		e->name = mem_text(value);
	} else if (strcmp(key, "size") == 0) {
		errno = 0;
		e->size = isdigit((unsigned char)*value) ? strtoll(value, &end, 10) : -1;
		if (e->size < 0 || *end || errno)
			return "a pax size that is not a number";
	} else if (strncmp(key, "GNU.sparse.", strlen("GNU.sparse.")) == 0) {
		return "a sparse member; these are not supported";
	}
	return NULL;
}

/* Apply pax records, "LENGTH key=value" and a newline, whose length counts itself (POSIX.1-2001, pax). `text` has a
   zero byte after its `size` bytes and is changed. NULL, or the reason why it is refused. */
static const char *
apply_pax(struct extended *e, char *text, size_t size)
{
	const char *error = NULL;
	size_t at = 0;

	while (at < size && !error) {
		char *p = text + at, *key, *value;
		long n = isdigit((unsigned char)*p) ? strtol(p, &key, 10) : 0;

		/* "5 x=" and a newline is the shortest */
		if (n < 5 || (size_t)n > size - at || *key != ' ' || p[n - 1] != '\n')
			return "a malformed pax record";
		p[n - 1] = 0;
		value = strchr(++key, '=');
		if (!value)
			return "a malformed pax record";
		*value++ = 0;
		error = apply(e, key, value);
		at += (size_t)n;
	}
	return error;
}

static void
set_name(struct extended *e, const unsigned char *h)
{
	size_t prefix = memcmp(h + MAGIC, "ustar\0", 6) == 0 ? strnlen((const char *)h + PREFIX, PREFIX_WIDTH) : 0;
	size_t n = strnlen((const char *)h + NAME, NAME_WIDTH);

	if (e->name)
		return;
	e->name = mem_new(prefix + n + 2);
	if (prefix) {
		memcpy(e->name, h + PREFIX, prefix);
		e->name[prefix++] = '/';
	}
	memcpy(e->name + prefix, h + NAME, n);
}

bool
tar_is_archive(const void *head, size_t size)
{
	const unsigned char *h = head;

	return size >= BLOCK && *h && (memcmp(h + MAGIC, "ustar", 5) == 0 || memcmp(h + MAGIC, "\0\0\0\0\0", 5) == 0) &&
		checksum_matches(h) && number(h + SIZE, SIZE_WIDTH) >= 0;
}

bool
tar_is_empty(const void *head, size_t size)
{
	return size >= BLOCK && memcmp(head, zero, BLOCK) == 0;
}

/* 1 at the end; else read the next header, 0, or -1 and err(). The end is that of the file; or two blocks of zeros with
   nothing but zeros, or no archive, after them. A single block of zeros before other content is skipped. */
static int
at_end(struct tar *t, unsigned char *h)
{
	int zeros = 0;

	for (;;) {
		const ssize_t n = tar_source_read(t, t->at, h, BLOCK);

		if (n < 0)
			return -1;
		if (t->pipe && tar_source_done(t) < t->content_end) {
			t->at = t->last;
			return malformed(t, "cut short within a member, or a wrong size");
		}
		if (n == 0)
			return 1;
		if (n == BLOCK && memcmp(h, zero, BLOCK) == 0) {
			t->ended |= ++zeros == 2;
			t->at += BLOCK;
			continue;
		}
		if (!t->ended)
			return n == BLOCK ? 0 : malformed(t, "cut short within a header");
		if (!tar_is_archive(h, (size_t)n)) {
			t->after_end = memcmp(h, zero, (size_t)n) != 0;
			return 1;
		}
		t->ended = false;
		t->joined++;
		return 0;
	}
}

/* Read the content of an x or L header. 0, or -1 and err(). */
static int
read_extended(const struct tar *t, int kind, int64_t size, struct extended *e)
{
	const char *error;
	char *text;

	if (size > EXTENDED_MAX)
		return malformed(t, "a name or extended header of more than 1 MiB");
	text = mem_new((size_t)size + 1);
	if (tar_read(t, t->at + BLOCK, text, (size_t)size) < 0) {
		free(text);
		return -1;
	}
	if (kind == 'L') {
		free(e->name);
		e->name = text;
		return 0;
	}
	error = apply_pax(e, text, (size_t)size);
	free(text);
	return error ? malformed(t, error) : 0;
}

/* Process one header. 1: a member; 0: continue; -1: err(). */
static int
step(struct tar *t, const unsigned char *h, struct extended *e, struct tar_member *m)
{
	int64_t size = number(h + SIZE, SIZE_WIDTH), offset = t->at + BLOCK;
	int kind = h[KIND];
	bool extends_next = kind == 'x' || kind == 'g' || kind == 'L' || kind == 'K';

	if (!checksum_matches(h))
		return malformed(t, "a wrong checksum");
	if (e->size >= 0 && !extends_next)
		size = e->size;
	if (size < 0)
		return malformed(t, "a size that is not a number");
	if (size > t->size - offset)
		return malformed(t, "cut short within a member, or a wrong size");
	if (kind == 'S')
		return malformed(t, "a sparse member; these are not supported");
	if ((kind == 'x' || kind == 'L') && read_extended(t, kind, size, e) < 0)
		return -1;
	t->last = t->at;
	/* a file cut within the padding of the last block has no end blocks: see `ended` */
	t->content_end = offset + size;
	if (size > INT64_MAX - BLOCK - offset)	/* of a pipe, whose size is unknown */
		t->at = t->size;
	else
		t->at = offset + (size + BLOCK - 1) / BLOCK * BLOCK;
	if (t->at > t->size)
		t->at = t->size;
	if (extends_next)
		return 0;
	t->links += kind == '1' || kind == '2';
	set_name(e, h);
	free(t->name);
	t->name = e->name;
	*e = (struct extended){ NULL, -1 };
	*m = (struct tar_member){ t->name, offset, size };
	return (kind == 0 || kind == '0' || kind == '7') && *t->name && t->name[strlen(t->name) - 1] != '/';
}

int
tar_next(struct tar *t, struct tar_member *m)
{
	struct extended e = { NULL, -1 };
	unsigned char h[BLOCK];
	int result = 0;

	while (result == 0) {
		int end = at_end(t, h);

		if (end > 0 && !e.name && e.size < 0)
			return 0;
		if (end > 0)
			malformed(t, "cut short after an extended header");
		result = end ? -1 : step(t, h, &e, m);
	}
	free(e.name);
	return result;
}

bool
tar_is_hidden(const char *name)
{
	size_t n;

	for (; *name; name += n + (name[n] != 0)) {
		n = strcspn(name, "/");
		if (name[0] == '.' && !(n == 1 || (n == 2 && name[1] == '.')))
			return true;
		if (n == strlen("__MACOSX") && memcmp(name, "__MACOSX", n) == 0)
			return true;
	}
	return false;
}

size_t
tar_key(const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	/* a leading dot (".hidden") is part of the key, which must not be empty */
	const char *dot = *base ? strchr(base + 1, '.') : NULL;

	return dot ? (size_t)(dot - name) : strlen(name);
}
