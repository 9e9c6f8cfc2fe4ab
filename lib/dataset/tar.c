/* tar - the members of a tar archive by place

   A header is a block of 512 bytes; the content follows, filled up to whole blocks; two blocks of zeros end
   the archive. Kinds x and g are pax records ("LEN key=value\n"), L a long name; they speak of the next member. */
#include "dataset/tar.h"
#include "base/err.h"
#include "base/mem.h"
#include "dataset/tar_extra.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLOCK = 512,
	EXTRA_MAX = 1 << 20	/* bytes of a pax header or long name: names are at most a few KB anywhere */
};

/* offset and width of a header's fields: POSIX.1-2001, pax, "ustar Interchange Format" */
enum { NAME = 0, NAME_WIDTH = 100, SIZE = 124, SIZE_WIDTH = 12, SUM = 148, SUM_WIDTH = 8, KIND = 156, MAGIC = 257, PREFIX = 345, PREFIX_WIDTH = 155 };

int
tar_open(struct tar *t, const char *path)
{
	struct stat st;

	*t = (struct tar){ .fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) };
	if (t->fd < 0 || fstat(t->fd, &st) < 0)
		err(ERR_INPUT, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err(ERR_INPUT, "%s: an archive must be a regular file", path);
	else {
		t->path = mem_text(path);
		t->size = st.st_size;
		return 0;
	}
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
	return -1;
}

void
tar_close(struct tar *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->path);
	free(t->name);
	*t = (struct tar){ .fd = -1 };
}

int
tar_read(const struct tar *t, int64_t offset, void *to, size_t size)
{
	char *p = to;

	while (size > 0) {
		ssize_t n = pread(t->fd, p, size, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err(ERR_INPUT, "%s: %s", t->path, strerror(errno));
		if (n == 0)
			return err(ERR_DATA, "%s: cut short at byte %lld", t->path, (long long)offset);
		p += n;
		offset += n;
		size -= (size_t)n;
	}
	return 0;
}

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
sum_holds(const unsigned char *h)
{
	long is = 0, is_signed = 0, said = (long)number(h + SUM, SUM_WIDTH);
	int i;

	for (i = 0; i < BLOCK; i++) {
		unsigned char c = i >= SUM && i < SUM + SUM_WIDTH ? ' ' : h[i];

		is += c;
		is_signed += (signed char)c;	/* some old writers summed signed bytes */
	}
	return said == is || said == is_signed;
}

static void
set_name(struct tar_extra *told, const unsigned char *h)
{
	size_t prefix = memcmp(h + MAGIC, "ustar\0", 6) == 0 ? strnlen((const char *)h + PREFIX, PREFIX_WIDTH) : 0;
	size_t n = strnlen((const char *)h + NAME, NAME_WIDTH);

	if (told->name)
		return;
	told->name = mem_new(prefix + n + 2);
	if (prefix) {
		memcpy(told->name, h + PREFIX, prefix);
		told->name[prefix++] = '/';
	}
	memcpy(told->name + prefix, h + NAME, n);
}

/* True at the end: nothing more, or blocks of zeros. A single block of zeros before other content is passed over. */
static int
at_end(struct tar *t, unsigned char *h)
{
	static const unsigned char zero[BLOCK];

	for (;;) {
		if (t->at == t->size)
			return 1;
		if (t->size - t->at < BLOCK)
			return malformed(t, "cut short within a header");
		if (tar_read(t, t->at, h, BLOCK) < 0)
			return -1;
		if (memcmp(h, zero, BLOCK) != 0)
			return 0;
		t->at += BLOCK;
		if (t->size - t->at >= BLOCK) {
			if (tar_read(t, t->at, h, BLOCK) < 0)
				return -1;
			if (memcmp(h, zero, BLOCK) == 0) {
				t->ended = true;
				return 1;
			}
		}
	}
}

/* The content of an x or L header. 0, or -1 and err(). */
static int
told_by(const struct tar *t, int kind, int64_t size, struct tar_extra *told)
{
	const char *wrong = NULL;
	char *text;

	if (size > EXTRA_MAX)
		return malformed(t, "a name or extended header of more than 1 MiB");
	text = mem_new((size_t)size + 1);
	if (tar_read(t, t->at + BLOCK, text, (size_t)size) < 0) {
		free(text);
		return -1;
	}
	if (kind == 'L') {
		free(told->name);
		told->name = text;
		return 0;
	}
	wrong = tar_extra_pax(told, text, (size_t)size);
	free(text);
	return wrong ? malformed(t, wrong) : 0;
}

/* One header. 1: a member; 0: go on; -1: err(). */
static int
step(struct tar *t, const unsigned char *h, struct tar_extra *told, struct tar_member *m)
{
	int64_t size = number(h + SIZE, SIZE_WIDTH), offset = t->at + BLOCK;
	int kind = h[KIND];
	bool about_next = kind == 'x' || kind == 'g' || kind == 'L' || kind == 'K';

	if (!sum_holds(h))
		return malformed(t, "a wrong checksum");
	if (told->size >= 0 && !about_next)
		size = told->size;
	if (size < 0)
		return malformed(t, "a size that is not a number");
	if (size > t->size - offset)
		return malformed(t, "cut short within a member, or a wrong size");
	if (kind == 'S')
		return malformed(t, "a sparse member, which is not read");
	if ((kind == 'x' || kind == 'L') && told_by(t, kind, size, told) < 0)
		return -1;
	/* a cut within the filling of the last block shows as missing end blocks */
	t->at = offset + (size + BLOCK - 1) / BLOCK * BLOCK;
	if (t->at > t->size)
		t->at = t->size;
	if (about_next)
		return 0;
	t->links += kind == '1' || kind == '2';
	set_name(told, h);
	free(t->name);
	t->name = told->name;
	*told = (struct tar_extra){ NULL, -1 };
	*m = (struct tar_member){ t->name, offset, size };
	return (kind == 0 || kind == '0' || kind == '7') && *t->name && t->name[strlen(t->name) - 1] != '/';
}

int
tar_next(struct tar *t, struct tar_member *m)
{
	struct tar_extra told = { NULL, -1 };
	unsigned char h[BLOCK];
	int result = 0;

	while (result == 0) {
		int end = at_end(t, h);

		if (end > 0 && !told.name && told.size < 0)
			return 0;
		if (end > 0)
			malformed(t, "cut short after an extended header");
		result = end ? -1 : step(t, h, &told, m);
	}
	free(told.name);
	return result;
}

size_t
tar_key(const char *name)
{
	const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
	/* a name that begins with a dot (".hidden") would leave nothing */
	const char *dot = *base ? strchr(base + 1, '.') : NULL;

	return dot ? (size_t)(dot - name) : strlen(name);
}
