/* safetensors_write - a safetensors file out: equal content, equal bytes

   The order is the reference writer's, wide elements first, then by name, so that every tensor starts at a
   multiple of its width. */
#include "base/err.h"
#include "base/file.h"
#include "json/json.h"
#include "checkpoint/safetensors_memory.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct text {
	char *bytes;
	size_t size, room;
};

__attribute__((format(printf, 2, 3))) static void
print(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (t->size + (size_t)n + 1 > t->room)
		t->bytes = mem_grow(t->bytes, t->room = 2 * (t->size + (size_t)n + 1));
	va_start(ap, format);
	t->size += (size_t)vsnprintf(t->bytes + t->size, (size_t)n + 1, format, ap);
	va_end(ap);
}

static void
print_quoted(struct text *t, const char *s)
{
	char *quoted = json_quote(s);

	print(t, "%s", quoted);
	free(quoted);
}

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
static void
print_header(struct text *t, const struct safetensors *c, size_t *digits)
{
	static const char zeros[] = "0000000000000000";
	size_t at = 0;
	int i, k;

	print(t, "{\"__metadata__\":{");
	for (i = 0; i < c->metadata_count; i++) {
		print_quoted(t, c->metadata[i].key);
		print(t, ":");
		if (strcmp(c->metadata[i].key, "digest") == 0) {
			*digits = t->size + 1;
			print(t, "\"%s\"", zeros);
		} else
			print_quoted(t, c->metadata[i].value);
		print(t, i + 1 < c->metadata_count ? "," : "}");
	}
	for (i = 0; i < c->count; i++) {
		const struct tensor *x = &c->entries[i].tensor;

		print(t, ",");
		print_quoted(t, c->entries[i].name);
		print(t, ":{\"dtype\":\"%s\",\"shape\":[", tensor_name(x->type));
		for (k = 0; k < x->rank; k++)
			print(t, k ? ",%ld" : "%ld", x->shape[k]);
		print(t, "],\"data_offsets\":[%zu,%zu]}", at, at + tensor_bytes(x));
		at += tensor_bytes(x);
	}
	print(t, "}");
	while (t->size % 8)
		print(t, " ");
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
	struct text t = { 0 };
	unsigned char length[SAFETENSORS_LENGTH];
	char digest[SAFETENSORS_DIGITS + 1];
	size_t digits = 0;
	int i, n = 0, status;

	safetensors_set(c, "format", "pt");
	safetensors_set(c, "tscae", "1");
	safetensors_set(c, "digest", "");
	if (c->count > 1)
		qsort(c->entries, (size_t)c->count, sizeof *c->entries, by_width);
	qsort(c->metadata, (size_t)c->metadata_count, sizeof *c->metadata, by_key);
	for (i = 1; i < c->count; i++)
		assert(by_width(&c->entries[i - 1], &c->entries[i]) != 0);
	print_header(&t, c, &digits);
	for (i = 0; i < SAFETENSORS_LENGTH; i++)
		length[i] = (unsigned char)(t.size >> 8 * i);
	parts[n++] = (struct safetensors_memory_part){ length, SAFETENSORS_LENGTH };
	parts[n++] = (struct safetensors_memory_part){ t.bytes, t.size };
	for (i = 0; i < c->count; i++)
		if (tensor_bytes(&c->entries[i].tensor) > 0)
			parts[n++] = (struct safetensors_memory_part){ c->entries[i].tensor.data, tensor_bytes(&c->entries[i].tensor) };
	safetensors_memory_digest(c, parts, NULL, digest);
	memcpy(t.bytes + digits, digest, SAFETENSORS_DIGITS);
	status = write_parts(path, parts, sync);
	free(t.bytes);
	free(parts);
	return status;
}
