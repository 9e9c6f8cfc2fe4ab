/* safetensors - named tensors in a file: the safetensors format, every rule enforced

   Format: github.com/huggingface/safetensors, README, "Format". Our additions (formats/checkpoint.md): metadata
   `format` = "pt", `tscae` = "1" (version of our layout) and `digest` = 16 hexadecimal digits, the XXH3-64 of the
   whole file with these digits taken as zeros. The reader verifies the digest of a file that has `tscae` or `digest`.

   A file is hashed once when it is written (from memory: the header holds the digest, and comes first) and once when
   it is read. A caller that verifies a file after writing it opens it again. */
#ifndef CHECKPOINT_SAFETENSORS_H
#define CHECKPOINT_SAFETENSORS_H

#include "annotation/class_list.h"
#include "base/err.h"
#include "stream/tensor.h"

#include <stdbool.h>

/* How to convert weights that are no safetensors file; the end of messages. */
#define SAFETENSORS_CONVERT "convert them with Python: safetensors.torch.save_file({k: v.contiguous() for k, v in " \
	"torch.load(FILE, map_location='cpu', weights_only=True).items()}, 'model.safetensors'), where the weights " \
	"may lie deeper, such as under 'model' or 'state_dict'"

struct safetensors_entry {
	const char *name;
	struct tensor tensor;	/* data: when read, in the mapped file (unaligned, in the byte order of files); when
				   written, the caller's */
};

struct safetensors {
	int count;
	struct safetensors_entry *entries;	/* read: sorted by offset */
	int metadata_count;
	struct safetensors_metadata { const char *key, *value; } *metadata;
	struct safetensors_memory *memory;	/* owns names, entries and the mapping */
};

/* Open a file and verify its digest. -1 and err() with the file and the byte offset: ERR_INPUT where it is missing,
   ERR_DATA where it breaks a rule or is damaged. */
int safetensors_open(struct safetensors *c, const char *path) ERR_CHECK;

/* Open without the digest, whose computation takes as long as reading the file. The content may be damaged until
   safetensors_verify() returns 0: the digest is right, or the file has none. Other threads may read the tensors
   meanwhile. safetensors_verify() returns -1 and err(ERR_DATA) without the name of the file. */
int safetensors_open_unverified(struct safetensors *c, const char *path) ERR_CHECK;
int safetensors_verify(const struct safetensors *c) ERR_CHECK;

/* The tensor of that name; NULL: none. */
const struct tensor *safetensors_get(const struct safetensors *c, const char *name);

/* The metadata value of that key; NULL: none. */
const char *safetensors_metadata(const struct safetensors *c, const char *key);

/* Convert a tensor's elements (F64, F32, F16, BF16) to float32; `out` holds tensor_count() floats.
   -1 and err(ERR_DATA) for other types, and for an element that is NaN or infinite as float32. */
int safetensors_floats(const struct tensor *t, float *out) ERR_CHECK;

/* Check that `n` values are finite. -1 and err(ERR_DATA) with the first that is not and its index. */
int safetensors_check_finite(const float *values, long n) ERR_CHECK;

/* Drop the tensor's pages of the mapped file from memory; a later access reads them again. */
void safetensors_drop_pages(const struct safetensors *c, const struct tensor *t);

void safetensors_close(struct safetensors *c);

/* Build a file: start empty ({ 0 }), add tensors, set metadata, write, close. Names, keys and values are copied; data
   is borrowed until written. Names are unique (asserts); a second value of a key replaces the first. `format`,
   `tscae` and `digest` are set by safetensors_write(). */
void safetensors_add(struct safetensors *c, const char *name, enum tensor_type type, int rank, const long *shape,
	const void *data);
void safetensors_set(struct safetensors *c, const char *key, const char *value);

/* Write, whole or not at all (base/file.h): sorted by width, then by name; header padded to 8 bytes. Equal content
   gives equal bytes. Afterwards the metadata `digest` is that of the file. `sync`: force to disk. -1 and
   err(ERR_OUTPUT). */
int safetensors_write(struct safetensors *c, const char *path, bool sync) ERR_CHECK;

/* Read `classes`, a JSON list, into an empty list. -1 and err(ERR_DATA): none, not a list of strings, or one twice. */
int safetensors_classes_load(struct class_list *c, const struct safetensors *model) ERR_CHECK;
void safetensors_classes_save(const struct class_list *c, struct safetensors *model);

#endif
