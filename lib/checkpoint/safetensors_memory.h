/* safetensors_memory - the internals of struct safetensors, for the files that read and write it */
#ifndef CHECKPOINT_SAFETENSORS_MEMORY_H
#define CHECKPOINT_SAFETENSORS_MEMORY_H

#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/safetensors.h"

#include <stddef.h>

struct json_writer;

enum {
	SAFETENSORS_LENGTH = 8,		/* bytes of the header length at the beginning of a file */
	SAFETENSORS_ALIGN = 8,		/* the header is padded to a multiple of this */
	SAFETENSORS_DIGITS = 16		/* hexadecimal digits of a digest */
};
#define SAFETENSORS_ZEROS "0000000000000000"	/* the digest while the file is hashed */

struct safetensors_memory {
	struct arena arena;		/* names, keys, values */
	size_t entry_room, metadata_room;	/* capacity of the lists */
	void *map;			/* the mapped file; NULL when built */
	size_t map_size;
	size_t header_size;		/* bytes of its header, without the length */
};

/* The memory of c, allocated at the first call. */
struct safetensors_memory *safetensors_memory(struct safetensors *c);

/* Append an entry or a row of metadata; borrowed until the next call. */
struct safetensors_entry *safetensors_memory_entry(struct safetensors *c);
struct safetensors_metadata *safetensors_memory_metadata(struct safetensors *c);

/* Parse the header, `size` bytes of JSON at byte `offset` of the file, into entries and metadata. `data` and
   `data_size` are the data part, from which data_offsets count. -1 and err(ERR_DATA) "byte N: ...". */
int safetensors_memory_parse(struct safetensors *c, const char *header, size_t size, size_t offset, char *data,
	size_t data_size) ERR_CHECK;

/* Print the header, without the length, padded, with zeros for the digest; *digits is the offset of the digest in the
   text. json_writer_free() the result. */
struct json_writer *safetensors_memory_print(const struct safetensors *c, size_t *digits);

/* Hash a file that consists of `parts` (the last one has bytes NULL); the 16 digits at `digits` (NULL: none) count as
   zeros. Writes 16 hexadecimal digits and a zero byte to `out`. */
struct safetensors_memory_part { const void *bytes; size_t size; };
void safetensors_memory_digest(const struct safetensors *c, const struct safetensors_memory_part *parts,
	const char *digits, char out[SAFETENSORS_DIGITS + 1]);

#endif
