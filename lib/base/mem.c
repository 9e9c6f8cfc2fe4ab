/* mem - memory, arrays and arenas; the program exits with 71 where memory runs out

   A chunk is one mmap: page-aligned, zero until touched, on huge pages where the kernel provides them (matrix products
   touch many pages). The program ends here, so that no caller needs an untested branch for missing memory. */
#define _GNU_SOURCE
#include "base/mem.h"
#include "base/err.h"
#include "base/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	ALIGN = 64,			/* a cache line, and an AVX-512 vector */
	FIRST_ROOM = 16,		/* elements of a list that grows */
	FIRST_CHUNK = 64 << 10,		/* small records must stay small */
	SMALL_PAGE = 4096, HUGE = 2 << 20,	/* x86-64 pages */
	STREAM_BUFFER = 4096
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;	/* bytes after this struct */
} __attribute__((aligned(64)));

_Noreturn void
mem_none(void)
{
	static char what[] = ": out of memory\n";
	char *tool = program_invocation_short_name;
	const struct iovec line[] = { { tool, strlen(tool) }, { what, sizeof what - 1 } };

	file_abandon_all();
	if (writev(2, line, 2) < 0) {
	}
	_exit(ERR_OS);
}

void *
mem_new(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p)
		mem_none();
	return p;
}

void *
mem_grow(void *p, size_t size)
{
	p = realloc(p, size ? size : 1);
	if (!p)
		mem_none();
	return p;
}

size_t
mem_product(size_t a, size_t b)
{
	size_t product;

	if (__builtin_mul_overflow(a, b, &product))
		mem_none();
	return product;
}

size_t
mem_sum(size_t a, size_t b)
{
	size_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		mem_none();
	return sum;
}

void *
mem_array(size_t count, size_t size)
{
	return mem_new(mem_product(count, size));
}

static size_t
grown(size_t room, size_t need)
{
	const size_t doubled = room < FIRST_ROOM / 2 ? FIRST_ROOM : mem_product(room, 2);

	return need > doubled ? need : doubled;
}

void *
mem_room(void *list, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return list;
	*room = grown(*room, need);
	return mem_grow(list, mem_product(*room, size));
}

char *
mem_text(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(mem_new(n), s, n);
}

char *
mem_format(const char *format, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vasprintf(&text, format, ap);
	va_end(ap);
	if (n < 0)
		mem_none();
	return text;
}

static ssize_t
stream_write(void *stream, const char *bytes, size_t size)
{
	struct mem_stream *m = stream;

	m->text = mem_room(m->text, &m->room, mem_sum(m->size, mem_sum(size, 1)), 1);
	memcpy(m->text + m->size, bytes, size);
	m->size += size;
	m->text[m->size] = 0;
	return (ssize_t)size;
}

void
mem_stream_open(struct mem_stream *m)
{
	*m = (struct mem_stream){ .file = fopencookie(m, "w", (cookie_io_functions_t){ .write = stream_write }) };
	if (!m->file)
		mem_none();
	m->buffer = mem_new(STREAM_BUFFER);
	setvbuf(m->file, m->buffer, _IOFBF, STREAM_BUFFER);
	stream_write(m, "", 0);
}

void
mem_stream_close(struct mem_stream *m)
{
	if (fclose(m->file) != 0)
		mem_none();
	free(m->buffer);
}

/* At least *size bytes, page-aligned, zero until touched; *size becomes the real size. */
static void *
pages(size_t *size)
{
	const size_t unit = *size >= HUGE ? HUGE : SMALL_PAGE;
	void *p;

	if (*size + unit < *size)
		mem_none();
	*size = (*size + unit - 1) / unit * unit;
	p = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		mem_none();
	if (unit == HUGE)
		madvise(p, *size, MADV_HUGEPAGE);
	return p;
}

void *
mem_block(size_t size)
{
	size_t whole = size + ALIGN;
	char *p;

	if (whole < size)
		mem_none();
	p = pages(&whole);
	/* the size of the mapping is stored in front of the block */
	memcpy(p, &whole, sizeof whole);
	return p + ALIGN;
}

void
mem_block_free(void *block)
{
	char *p = block;
	size_t whole;

	if (!p)
		return;
	memcpy(&whole, p - ALIGN, sizeof whole);
	munmap(p - ALIGN, whole);
}

void
mem_block_release(void *block, size_t from, size_t to)
{
	char *p = (char *)block - ALIGN;	/* on a page boundary */
	const size_t first = (from + ALIGN + SMALL_PAGE - 1) / SMALL_PAGE * SMALL_PAGE;
	const size_t end = (to + ALIGN) / SMALL_PAGE * SMALL_PAGE;

	if (first < end && madvise(p + first, end - first, MADV_DONTNEED) < 0)
		memset(p + first, 0, end - first);
}

static struct arena_chunk *
chunk_new(struct arena *a, size_t size)
{
	size_t whole = size + sizeof(struct arena_chunk);
	struct arena_chunk *c;

	if (whole < size)
		mem_none();
	c = pages(&whole);
	*c = (struct arena_chunk){ .size = whole - sizeof *c };
	a->held += whole;
	return c;
}

/* The chunk with that much room: the current one, one after it, or a new one at the end. */
static struct arena_chunk *
chunk_for(struct arena *a, size_t need)
{
	/* doubling: a round of work needs few chunks */
	const size_t grow = (a->held > FIRST_CHUNK ? a->held : FIRST_CHUNK) - sizeof(struct arena_chunk);
	struct arena_chunk *c = a->current, **end = &a->chunks;

	for (; c && c->size - c->used < need; c = c->next) {
		end = &c->next;
		if (c->next)
			c->next->used = 0;
	}
	if (!c)
		c = *end = chunk_new(a, need > grow ? need : grow);
	a->current = c;
	return c;
}

void *
arena_get(struct arena *a, size_t size)
{
	size_t need = (size + ALIGN - 1) / ALIGN * ALIGN;
	struct arena_chunk *c;
	void *p;

	if (need < size)
		mem_none();
	if (a->limit && (need > a->limit || a->used > a->limit - need))
		return NULL;
	c = chunk_for(a, need);
	p = (char *)(c + 1) + c->used;
	c->used += need;
	a->used += need;
	if (a->used > a->peak)
		a->peak = a->used;
	return p;
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	return arena_get(a, mem_product(count, size));
}

void *
arena_copy(struct arena *a, const void *p, size_t size)
{
	void *q = arena_get(a, size);

	return q && size ? memcpy(q, p, size) : q;
}

char *
arena_text(struct arena *a, const char *s)
{
	return arena_copy(a, s, strlen(s) + 1);
}

void *
arena_room(struct arena *a, void *list, size_t *room, size_t need, size_t size)
{
	const size_t held = *room * size;
	void *more;

	if (need <= *room)
		return list;
	*room = grown(*room, need);
	more = arena_array(a, *room, size);
	return more && held ? memcpy(more, list, held) : more;
}

void
arena_reset(struct arena *a)
{
	arena_release(a, (struct arena_mark){ 0 });
}

struct arena_mark
arena_mark(const struct arena *a)
{
	struct arena_mark m = { a->current, a->current ? a->current->used : 0, a->used };

	return m;
}

void
arena_release(struct arena *a, struct arena_mark m)
{
	/* the mark of an empty arena is its beginning; chunks after the current one are always empty */
	a->current = m.chunk ? m.chunk : a->chunks;
	if (a->current)
		a->current->used = m.chunk_used;
	a->used = m.used;
}

void
arena_free(struct arena *a)
{
	struct arena_chunk *c, *next;

	for (c = a->chunks; c; c = next) {
		next = c->next;
		munmap(c, c->size + sizeof *c);
	}
	a->chunks = a->current = NULL;
	a->used = a->held = 0;
}
