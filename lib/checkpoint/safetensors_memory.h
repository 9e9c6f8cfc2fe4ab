/* safetensors_memory - what a checkpoint owns, for the files that read and write it */
#ifndef CHECKPOINT_SAFETENSORS_MEMORY_H
#define CHECKPOINT_SAFETENSORS_MEMORY_H

#include "base/mem.h"
#include "checkpoint/safetensors.h"

enum {
	SAFETENSORS_LENGTH = 8,		/* bytes of the header's length, which begin a file */
	SAFETENSORS_DIGITS = 16		/* of a digest */
};

struct safetensors_memory {
	struct arena arena;		/* names, keys, values */
	int entry_room, metadata_room;	/* how many the lists have room for */
	void *map;			/* the file, when read; NULL when built */
	size_t map_size;
	size_t header_size;		/* of its header, without the length before it */
};

/* The checkpoint's memory, made when there is none. */
struct safetensors_memory *safetensors_memory(struct safetensors *c);

/* One more entry, or row of metadata, at the end of its list; borrowed until the next one. */
struct safetensors_entry *safetensors_memory_entry(struct safetensors *c);
struct safetensors_metadata *safetensors_memory_metadata(struct safetensors *c);

/* The header's JSON at `text` of `size` bytes, beginning at byte `offset` of the file, into entries (data: offset
   from `data`, the beginning of the data part of `data_size` bytes) and metadata. -1 and err(ERR_DATA) "byte N: ...". */
int safetensors_memory_parse(struct safetensors *c, const char *text, size_t size, size_t offset, char *data, size_t data_size);

/* Digest of a whole file of two parts in which the 16 digits at `digits` (NULL: none) count as zeros. Writes 16 hex
   digits and a zero byte to `out`. `parts` ends with a NULL pointer. */
struct safetensors_memory_part { const void *bytes; size_t size; };
void safetensors_memory_digest(const struct safetensors *c, const struct safetensors_memory_part *parts, const char *digits, char out[SAFETENSORS_DIGITS + 1]);

/* Pages of the mapped file that lie wholly within these bytes need not stay in memory: they are read again where they are
   touched again. Nothing for bytes that are not of the file. */
void safetensors_memory_drop_pages(const struct safetensors *c, const void *bytes, size_t size);

#endif
