/* safetensors - named tensors in a file: the safetensors layout, every rule enforced

   Format: github.com/huggingface/safetensors, README, "Format"; our additions (formats/checkpoint.md): metadata
   `format` = "pt", `tscae` = "1" (our layout's version) and `digest` = 16 hex digits, the XXH3-64 of the whole file
   with these digits taken as zeros. Where `tscae` or `digest` is present the reader verifies it. */
#ifndef CHECKPOINT_SAFETENSORS_H
#define CHECKPOINT_SAFETENSORS_H

#include "stream/tensor.h"

#include <stdbool.h>

struct safetensors_entry {
	const char *name;
	struct tensor tensor;	/* data: mapped from the file (unaligned!) when read; the caller's when written */
};

struct safetensors {
	int count;
	struct safetensors_entry *entries;	/* read: sorted by offset */
	int metadata_count;
	struct safetensors_metadata { const char *key, *value; } *metadata;
	struct safetensors_memory *memory;	/* owns names, entries and the mapping */
};

/* Read. -1 and err() naming the file and the byte offset: ERR_INPUT missing, ERR_DATA against a rule or the digest. */
int safetensors_open(struct safetensors *c, const char *path);

/* The same without the digest, which takes as long as reading the file: nothing in it may be believed before safetensors_verify() says
   that it is as it was written, or has no digest. That may go on beside other readers. -1 and err(ERR_DATA), which names no file. */
int safetensors_open_unverified(struct safetensors *c, const char *path);
int safetensors_verify(const struct safetensors *c);

/* The tensor of that name, NULL if there is none. */
const struct tensor *safetensors_get(const struct safetensors *c, const char *name);

/* The metadata of that key, NULL if there is none. */
const char *safetensors_metadata(const struct safetensors *c, const char *key);

/* Copy a tensor's elements as float32, converting F64, F16, BF16 and F32; `out` holds tensor_count() floats.
   -1 and err(ERR_DATA) for other types. */
int safetensors_floats(const struct tensor *t, float *out);

/* Its values were taken: the memory that the file's part has may go to others. It may still be read. */
void safetensors_drop_pages(const struct safetensors *c, const struct tensor *t);

void safetensors_close(struct safetensors *c);

/* Build: start empty ({ 0 }), add, write, close. Names, keys and values are copied; data is borrowed until written.
   A name twice is a broken program; a key set again is replaced. `format`, `tscae` and `digest` are the writer's. */
void safetensors_add(struct safetensors *c, const char *name, enum tensor_type type, int rank, const long *shape, const void *data);
void safetensors_set(struct safetensors *c, const char *key, const char *value);

/* Write, whole or not at all (base/file.h): sorted by width then name, header padded to 8 bytes, digest set.
   Equal content gives equal bytes. `sync`: force to disk. -1 and err(ERR_OUTPUT). */
int safetensors_write(struct safetensors *c, const char *path, bool sync);

#endif
