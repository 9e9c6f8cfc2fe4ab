/* mem - memory, arrays and arenas; the program exits with 71 where memory runs out

   Ownership in four lines: a step's results belong to the arena; a record's fields belong to
   the record's arena until it is filled again; parameters belong to the model; what a caller
   opens it also closes. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdio.h>

/* Zeroed memory of `size` bytes; free() it. */
void *mem_new(size_t size);

/* Zeroed memory for an array of `count` elements of `size` bytes; free() it. Exits with 71 where the product overflows
   (it does for a negative count). */
void *mem_array(size_t count, size_t size);

/* Grow a list to at least `need` elements of `size` bytes, at least doubling it; *room is its capacity in elements.
   Returns the list, which may have moved. New elements are not zeroed. An empty list is NULL with room 0; one that
   grows by one element at a time has a power of 2, from 16.
 *	t->list = mem_room(t->list, &t->room, (size_t)t->count + 1, sizeof *t->list); */
void *mem_room(void *list, size_t *room, size_t need, size_t size);

/* a * b and a + b as sizes of memory; exit with 71 on overflow. */
size_t mem_product(size_t a, size_t b);
size_t mem_sum(size_t a, size_t b);

/* Zeroed memory in a mapping of its own, 64-byte aligned, on huge pages where the kernel provides them: for large
   blocks that live long. */
void *mem_block(size_t size);
void mem_block_free(void *p);

/* Give the whole pages among the bytes from .. to-1 of a block back to the system; they are zero again. */
void mem_block_release(void *block, size_t from, size_t to);

/* realloc() that exits with 71 where memory runs out; the new part is not zeroed. */
void *mem_grow(void *p, size_t size);

/* A copy of a text; free() it. */
char *mem_text(const char *s);

/* A text as printf() makes it, of any length; free() it. */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A stream that writes to memory. Unlike open_memstream(), whose text can end early without an error, it exits with 71
   where memory runs out. */
struct mem_stream {
	FILE *file;		/* for printf() and its kin */
	char *text;		/* ends with a zero byte, complete after mem_stream_close(); free() it */
	size_t size, room;	/* bytes of text without the zero byte; its capacity */
	char *buffer;		/* of the file */
};
void mem_stream_open(struct mem_stream *m);
void mem_stream_close(struct mem_stream *m);

/* Exit with 71 and a line with the name of the program: a library could not get memory. */
_Noreturn void mem_none(void);

/* An arena hands out memory that is freed all at once. It keeps its chunks: after the first reset, equal work needs no
   further memory from the system. For one thread at a time. */
struct arena {
	struct arena_chunk *chunks;	/* oldest first */
	struct arena_chunk *current;	/* the next memory comes from here; chunks after it are empty */
	size_t used;			/* bytes handed out since the reset */
	size_t peak;			/* most bytes ever handed out between two resets */
	size_t held; /* bytes taken from the system, which counts them as used when they are first touched */
	size_t limit;			/* 0, or bytes above which arena_get returns NULL */
};

/* Memory of `size` bytes at a multiple of 64 bytes, not zeroed; lives until the reset.
   NULL only where a limit is set and exceeded (hostile input). */
void *arena_get(struct arena *a, size_t size);

/* The same for an array of `count` elements of `size` bytes. Exits with 71 where the product overflows (it does for a
   negative count). */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of `size` bytes, or of a text. */
void *arena_copy(struct arena *a, const void *p, size_t size);
char *arena_text(struct arena *a, const char *s);

/* mem_room() for a list in an arena: as it grows it is copied, and the old memory is unused until the reset. */
void *arena_room(struct arena *a, void *list, size_t *room, size_t need, size_t size);

/* Free everything that was handed out; the chunks stay for the next round. */
void arena_reset(struct arena *a);

/* arena_release() frees everything that was handed out since arena_mark(). No reset may happen between the two. */
struct arena_mark { struct arena_chunk *chunk; size_t chunk_used, used; };
struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark m);

/* Return all memory to the system; the arena is empty and usable again. */
void arena_free(struct arena *a);

#endif
