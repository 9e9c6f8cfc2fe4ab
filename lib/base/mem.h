/* mem - memory that is there or the program ends (exit 71), and arenas

   Ownership in four lines: a step's results belong to the arena; a record's fields belong to
   the record's arena until it is filled again; parameters belong to the model; whoever opens, closes. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroed memory of `size` bytes; free() it. Exits with 71 when there is none. */
void *mem_new(size_t size);

/* Zeroed memory for an array of `count` elements of `size` bytes; free() it. Exits with 71 where the product overflows
   (a negative count does) or there is none. */
void *mem_array(size_t count, size_t size);

/* Room for `need` elements of `size` bytes in a list that has room for *room: the list, moved and at least doubled where it
   had to grow; *room becomes what there is. Elements behind the old ones are not zeroed. An empty list is NULL with room 0.
     t->list = mem_room(t->list, &t->room, (size_t)t->count + 1, sizeof *t->list); */
void *mem_room(void *list, size_t *room, size_t need, size_t size);

/* a * b and a + b as sizes of memory; exit with 71 where they overflow. */
size_t mem_product(size_t a, size_t b);
size_t mem_sum(size_t a, size_t b);

/* Zeroed memory of its own, 64-byte aligned, on huge pages where the kernel gives them: for what is large and lives long. */
void *mem_block(size_t size);
void mem_block_free(void *p);

/* realloc() that exits with 71 when there is none; the new part is not zeroed. */
void *mem_grow(void *p, size_t size);

/* A copy of a text; free() it. */
char *mem_text(const char *s);

/* A text as printf() makes it, of any length: names of files above all; free() it. */
char *mem_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* There is none: exit with 71. For what a library could not get. */
_Noreturn void mem_none(void);

/* An arena hands out memory that is given back all at once. It keeps what it has: after the first
   reset of equal work it never asks the system again. Not for two threads at once. */
struct arena {
	struct arena_chunk *chunks;	/* oldest first */
	struct arena_chunk *current;	/* what is handed out comes from here; those behind it are empty */
	size_t used;			/* bytes handed out since the reset */
	size_t peak;			/* most bytes ever handed out between two resets */
	size_t held;			/* bytes taken from the system, which counts them as used when they are first touched */
	size_t limit;			/* 0, or bytes over which arena_get returns NULL */
};

/* Memory of `size` bytes at a multiple of 64 bytes, not zeroed; lives until the reset.
   NULL only where a limit is set and passed (hostile input); else exits with 71 when there is none. */
void *arena_get(struct arena *a, size_t size);

/* A copy of `size` bytes, or of a text. */
void *arena_copy(struct arena *a, const void *p, size_t size);
char *arena_text(struct arena *a, const char *s);

/* Everything handed out is gone; the memory stays for the next round. */
void arena_reset(struct arena *a);

/* A place to come back to: arena_mark() now, arena_release() to hand back all that was taken since.
   The mark must be of the same round (no reset between). */
struct arena_mark { struct arena_chunk *chunk; size_t chunk_used, used; };
struct arena_mark arena_mark(const struct arena *a);
void arena_release(struct arena *a, struct arena_mark m);

/* Give all memory back to the system; the arena is empty and usable again. */
void arena_free(struct arena *a);

#endif
