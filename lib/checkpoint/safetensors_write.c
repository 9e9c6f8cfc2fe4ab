/* safetensors_write - a safetensors file out: equal content, equal bytes

   The order is the reference writer's, wide elements first, then by name, so that every tensor starts at a
   multiple of its width. */
#include "base/err.h"
#include "base/file.h"
#include "json/writer.h"
#include "checkpoint/safetensors_memory.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int
by_width(const void *a, const void *b)
{
	const struct safetensors_entry *x = a, *y = b;
	size_t v = tensor_width(x->tensor.type), w = tensor_width(y->tensor.type);

	return v != w ? (v < w) - (v > w) : strcmp(x->name, y->name);
}

static int
by_key(const void *a, const void *b)
{
	return strcmp(((const struct safetensors_metadata *)a)->key, ((const struct safetensors_metadata *)b)->key);
}

/* The header without its length; *digits is where the digest will stand. */
static struct json_writer *
write_header(const struct safetensors *c, size_t *digits)
{
	static const char zeros[] = "0000000000000000";
	struct json_writer *w = json_writer_new(NULL, false);
	size_t at = 0;
	int i, k;

	json_put_object(w, NULL);
	json_put_object(w, "__metadata__");
	for (i = 0; i < c->metadata_count; i++) {
		const struct safetensors_metadata *m = &c->metadata[i];
		const bool digest = strcmp(m->key, "digest") == 0;

		json_put_text(w, m->key, digest ? zeros : m->value);
		if (digest) {
			json_writer_text(w, digits);
			*digits -= sizeof zeros;	/* with the quote behind it */
		}
	}
	json_put_object_end(w);
	for (i = 0; i < c->count; i++) {
		const struct tensor *x = &c->entries[i].tensor;

		json_put_object(w, c->entries[i].name);
		json_put_text(w, "dtype", tensor_name(x->type));
		json_put_array(w, "shape");
		for (k = 0; k < x->rank; k++)
			json_put_int(w, NULL, x->shape[k]);
		json_put_array_end(w);
		json_put_array(w, "data_offsets");
		json_put_int(w, NULL, (int64_t)at);
		json_put_int(w, NULL, (int64_t)(at + tensor_bytes(x)));
		json_put_array_end(w);
		json_put_object_end(w);
		at += tensor_bytes(x);
	}
	json_put_object_end(w);
	json_put_spaces(w, 8);
	return w;
}

static int
write_parts(const char *path, const struct safetensors_memory_part *parts, bool sync)
{
	enum { AT_ONCE = 8 };	/* file_writev's most */
	struct file f;
	int n;

	if (file_create(&f, path) < 0)
		return -1;
	/* most tensors are small: several in one system call */
	for (; parts->bytes; parts += n) {
		struct iovec pieces[AT_ONCE];

		for (n = 0; n < AT_ONCE && parts[n].bytes; n++)
			pieces[n] = (struct iovec){ (void *)(uintptr_t)parts[n].bytes, parts[n].size };
		if (file_writev(&f, pieces, n) < 0) {
			file_abandon(&f);
			return -1;
		}
	}
	return file_commit(&f, sync);
}

int
safetensors_write(struct safetensors *c, const char *path, bool sync)
{
	struct safetensors_memory_part *parts = mem_new(((size_t)c->count + 3) * sizeof *parts);
	struct json_writer *header;
	char *text;
	unsigned char length[SAFETENSORS_LENGTH];
	char digest[SAFETENSORS_DIGITS + 1];
	size_t digits = 0, size;
	int i, n = 0, status;

	safetensors_set(c, "format", "pt");
	safetensors_set(c, "tscae", "1");
	safetensors_set(c, "digest", "");
	if (c->count > 1)
		qsort(c->entries, (size_t)c->count, sizeof *c->entries, by_width);
	qsort(c->metadata, (size_t)c->metadata_count, sizeof *c->metadata, by_key);
	for (i = 1; i < c->count; i++)
		assert(by_width(&c->entries[i - 1], &c->entries[i]) != 0);
	header = write_header(c, &digits);
	text = json_writer_text(header, &size);
	for (i = 0; i < SAFETENSORS_LENGTH; i++)
		length[i] = (unsigned char)(size >> 8 * i);
	parts[n++] = (struct safetensors_memory_part){ length, SAFETENSORS_LENGTH };
	parts[n++] = (struct safetensors_memory_part){ text, size };
	for (i = 0; i < c->count; i++)
		if (tensor_bytes(&c->entries[i].tensor) > 0)
			parts[n++] = (struct safetensors_memory_part){ c->entries[i].tensor.data, tensor_bytes(&c->entries[i].tensor) };
	safetensors_memory_digest(c, parts, NULL, digest);
	memcpy(text + digits, digest, SAFETENSORS_DIGITS);
	status = write_parts(path, parts, sync);
	json_writer_free(header);
	free(parts);
	return status;
}
