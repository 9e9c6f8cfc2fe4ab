/* mem - memory that is there or the program ends (exit 71), and arenas

   A chunk is one mmap: page-aligned, zero until touched, huge pages where the kernel gives them
   (matrix products walk far through memory). Only this file may end the program: field code that
   cannot run out of memory is code without a thousand untested branches. */
#define _GNU_SOURCE
#include "base/mem.h"
#include "base/err.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	ALIGN = 64,			/* a cache line, and an AVX-512 vector */
	FIRST_CHUNK = 64 << 10,		/* small records must stay small */
	HUGE = 2 << 20			/* x86-64 huge page */
};

struct arena_chunk {
	struct arena_chunk *next;
	size_t size, used;	/* bytes behind this head */
} __attribute__((aligned(64)));

_Noreturn void
mem_none(void)
{
	static const char line[] = "out of memory\n";

	if (write(2, line, sizeof line - 1) < 0) {
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

static struct arena_chunk *
chunk_new(struct arena *a, size_t size)
{
	size_t unit = size >= HUGE ? HUGE : 4096;
	size_t whole = size + sizeof(struct arena_chunk);
	struct arena_chunk *c;

	if (whole < size || whole + unit < whole)
		mem_none();
	whole = (whole + unit - 1) / unit * unit;
	c = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		mem_none();
	if (unit == HUGE)
		madvise(c, whole, MADV_HUGEPAGE);
	c->size = whole - sizeof *c;
	c->used = 0;
	c->next = a->chunks;
	a->chunks = c;
	a->held += whole;
	return c;
}

static void
chunk_free(struct arena *a, struct arena_chunk *c)
{
	a->held -= c->size + sizeof *c;
	munmap(c, c->size + sizeof *c);
}

void *
arena_get(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->chunks;
	size_t need = (size + ALIGN - 1) / ALIGN * ALIGN;
	void *p;

	if (need < size)
		mem_none();
	if (a->limit && (need > a->limit || a->used > a->limit - need))
		return NULL;
	if (!c || c->size - c->used < need) {
		/* doubling: a round of work needs few chunks, the reset makes them one */
		size_t grow = (a->held > FIRST_CHUNK ? a->held : FIRST_CHUNK) - sizeof *c;
		c = chunk_new(a, need > grow ? need : grow);
	}
	p = (char *)(c + 1) + c->used;
	c->used += need;
	a->used += need;
	if (a->used > a->peak)
		a->peak = a->used;
	return p;
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

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c = a->chunks;

	if (c && c->next) {
		size_t size = a->peak;

		arena_free(a);
		/* the peak is a sum of aligned sizes, so it fits one chunk of that size */
		c = chunk_new(a, size);
	}
	if (c)
		c->used = 0;
	a->used = 0;
}

struct arena_mark
arena_mark(const struct arena *a)
{
	struct arena_mark m = { a->chunks, a->chunks ? a->chunks->used : 0, a->used };

	return m;
}

void
arena_release(struct arena *a, struct arena_mark m)
{
	/* chunks opened since the mark stay, emptied, where the next get can use the newest */
	struct arena_chunk *c = a->chunks;

	if (c != m.chunk && c) {
		struct arena_chunk *older = c->next;

		while (older != m.chunk) {
			struct arena_chunk *gone = older;

			older = older->next;
			chunk_free(a, gone);
		}
		c->next = m.chunk;
		c->used = 0;
	}
	if (m.chunk)
		m.chunk->used = m.chunk_used;
	a->used = m.used;
}

void
arena_free(struct arena *a)
{
	struct arena_chunk *c, *next;

	for (c = a->chunks; c; c = next) {
		next = c->next;
		chunk_free(a, c);
	}
	a->chunks = NULL;
	a->used = 0;
}
