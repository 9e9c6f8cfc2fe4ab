/* safetensors - named tensors in a file: lookup, conversion, building and writing (equal content gives equal bytes)

   The order is that of the reference writer, wide elements first, then by name: every tensor starts at a multiple of
   its width. */
#include "checkpoint/safetensors.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/safetensors_memory.h"
#include "json/json.h"
#include "json/writer.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

struct safetensors_memory *
safetensors_memory(struct safetensors *c)
{
	if (!c->memory)
		c->memory = mem_new(sizeof *c->memory);
	return c->memory;
}

struct safetensors_entry *
safetensors_memory_entry(struct safetensors *c)
{
	struct safetensors_memory *m = safetensors_memory(c);

	c->entries = mem_room(c->entries, &m->entry_room, (size_t)c->count + 1, sizeof *c->entries);
	c->entries[c->count] = (struct safetensors_entry){ 0 };
	return &c->entries[c->count++];
}

struct safetensors_metadata *
safetensors_memory_metadata(struct safetensors *c)
{
	struct safetensors_memory *m = safetensors_memory(c);

	c->metadata = mem_room(c->metadata, &m->metadata_room, (size_t)c->metadata_count + 1, sizeof *c->metadata);
	return &c->metadata[c->metadata_count++];
}

const struct tensor *
safetensors_get(const struct safetensors *c, const char *name)
{
	int i;

	for (i = 0; i < c->count; i++)
		if (strcmp(c->entries[i].name, name) == 0)
			return &c->entries[i].tensor;
	return NULL;
}

const char *
safetensors_metadata(const struct safetensors *c, const char *key)
{
	int i;

	for (i = 0; i < c->metadata_count; i++)
		if (strcmp(c->metadata[i].key, key) == 0)
			return c->metadata[i].value;
	return NULL;
}

/* IEEE 754 half precision: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
static float
half(uint16_t h)
{
	int exponent = h >> 10 & 31, fraction = h & 1023;
	float x;

	if (exponent == 31)
		x = fraction ? NAN : INFINITY;
	else if (exponent == 0)
		x = ldexpf((float)fraction, -24);
	else
		x = ldexpf((float)(fraction | 1024), exponent - 25);
	return h >> 15 ? -x : x;
}

int
safetensors_check_finite(const float *values, long n)
{
	enum { PIECE = 4096 };	/* the compiler vectorizes a loop without a branch */
	const uint32_t exponent = 0x7f800000;
	long i, begin, end;

	for (begin = 0; begin < n; begin = end) {
		uint32_t bad = 0, bits;

		end = n - begin < PIECE ? n : begin + PIECE;
		for (i = begin; i < end; i++) {
			memcpy(&bits, &values[i], sizeof bits);
			bad |= (bits & exponent) == exponent;
		}
		for (i = begin; bad && i < end; i++)
			if (!isfinite(values[i]))
				return err(ERR_DATA, "element %ld is %s, expected a finite number", i,
					isnan(values[i]) ? "NaN" : "infinite");
	}
	return 0;
}

int
safetensors_floats(const struct tensor *t, float *out)
{
	/* mapped data is unaligned: copied element by element */
	const unsigned char *from = t->data;
	long i, n = tensor_count(t);
	size_t width = tensor_width(t->type);
	uint16_t h;
	uint32_t w;
	double d;

	switch (t->type) {
	case TENSOR_F32:
		if (n > 0)
			memcpy(out, from, (size_t)n * sizeof *out);
		tensor_swap(t->type, out, (size_t)n * sizeof *out);
		break;
	case TENSOR_F64:
		for (i = 0; i < n; i++, from += width) {
			memcpy(&d, from, sizeof d);
			tensor_swap(t->type, &d, sizeof d);
			out[i] = (float)d;
		}
		break;
	case TENSOR_F16:
		for (i = 0; i < n; i++, from += width) {
			memcpy(&h, from, sizeof h);
			tensor_swap(t->type, &h, sizeof h);
			out[i] = half(h);
		}
		break;
	case TENSOR_BF16:
		for (i = 0; i < n; i++, from += width) {
			memcpy(&h, from, sizeof h);
			tensor_swap(t->type, &h, sizeof h);
			w = (uint32_t)h << 16;
			memcpy(&out[i], &w, sizeof w);
		}
		break;
	default:
		return err(ERR_DATA, "elements of type %s, expected floating point", tensor_name(t->type));
	}
	return safetensors_check_finite(out, n);
}

void
safetensors_add(struct safetensors *c, const char *name, enum tensor_type type, int rank, const long *shape,
	const void *data)
{
	struct safetensors_entry *e;
	int i;

	assert(rank >= 0 && rank <= TENSOR_RANK_MAX);
	e = safetensors_memory_entry(c);
	e->name = arena_text(&c->memory->arena, name);
	e->tensor.type = type;
	e->tensor.rank = rank;
	for (i = 0; i < rank; i++)
		e->tensor.shape[i] = shape[i];
	/* only read; struct tensor has no const data */
	e->tensor.data = (void *)(uintptr_t)data;
}

void
safetensors_set(struct safetensors *c, const char *key, const char *value)
{
	struct safetensors_memory *m = safetensors_memory(c);
	struct safetensors_metadata *row = NULL;
	int i;

	for (i = 0; i < c->metadata_count; i++)
		if (strcmp(c->metadata[i].key, key) == 0)
			row = &c->metadata[i];
	if (!row) {
		row = safetensors_memory_metadata(c);
		row->key = arena_text(&m->arena, key);
	}
	row->value = arena_text(&m->arena, value);
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

/* The elements as a file has them: those of the caller, or a copy where the byte order differs. */
static const void *
in_file_order(struct safetensors *c, const struct tensor *t)
{
	void *copy;

	if (!tensor_swapped(t->type))
		return t->data;
	copy = arena_copy(&safetensors_memory(c)->arena, t->data, tensor_bytes(t));
	tensor_swap(t->type, copy, tensor_bytes(t));
	return copy;
}

static int
write_parts(const char *path, const struct safetensors_memory_part *parts, bool sync)
{
	enum { PIECES = 8 };	/* limit of file_writev() */
	struct file f;
	int n;

	if (file_create(&f, path) < 0)
		return -1;
	/* most tensors are small: one system call writes several */
	for (; parts->bytes; parts += n) {
		struct iovec pieces[PIECES];

		for (n = 0; n < PIECES && parts[n].bytes; n++)
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
	struct safetensors_memory_part *parts = mem_array((size_t)c->count + 3, sizeof *parts);
	unsigned char length[SAFETENSORS_LENGTH];
	char digest[SAFETENSORS_DIGITS + 1], *text;
	struct json_writer *header;
	size_t size, digits = 0;
	int i, n = 0, status;

	safetensors_set(c, "format", "pt");
	safetensors_set(c, "tscae", "1");
	safetensors_set(c, "digest", "");
	if (c->count > 1)
		qsort(c->entries, (size_t)c->count, sizeof *c->entries, by_width);
	qsort(c->metadata, (size_t)c->metadata_count, sizeof *c->metadata, by_key);
	for (i = 1; i < c->count; i++)
		assert(by_width(&c->entries[i - 1], &c->entries[i]) != 0);
	header = safetensors_memory_print(c, &digits);
	text = json_writer_text(header, &size);
	for (i = 0; i < SAFETENSORS_LENGTH; i++)
		length[i] = (unsigned char)(size >> 8 * i);
	parts[n++] = (struct safetensors_memory_part){ length, SAFETENSORS_LENGTH };
	parts[n++] = (struct safetensors_memory_part){ text, size };
	for (i = 0; i < c->count; i++) {
		const struct tensor *t = &c->entries[i].tensor;

		if (tensor_bytes(t) > 0)
			parts[n++] = (struct safetensors_memory_part){ in_file_order(c, t), tensor_bytes(t) };
	}
	safetensors_memory_digest(c, parts, NULL, digest);
	memcpy(text + digits, digest, SAFETENSORS_DIGITS);
	safetensors_set(c, "digest", digest);
	status = write_parts(path, parts, sync);
	json_writer_free(header);
	free(parts);
	return status;
}

void
safetensors_close(struct safetensors *c)
{
	if (c->memory) {
		if (c->memory->map)
			munmap(c->memory->map, c->memory->map_size);
		arena_free(&c->memory->arena);
	}
	free(c->entries);
	free(c->metadata);
	free(c->memory);
	*c = (struct safetensors){ 0 };
}

static const char metadata[] = "classes";

static int
take_name(void *arg, const struct json_token *t)
{
	const bool list = (t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END) && t->depth == 0;

	if (t->kind == JSON_TEXT && t->depth == 1)
		return class_list_add(arg, t->text, ((struct class_list *)arg)->count);
	return list ? 0 : err(ERR_DATA, "not a list of names");
}

int
safetensors_classes_load(struct class_list *c, const struct safetensors *model)
{
	const struct json_rules rules = { .each = take_name, .arg = c };
	const char *text = safetensors_metadata(model, metadata);

	if (!text)
		return err(ERR_DATA, "the model has no class names: it was not trained to classify, detect or segment");
	if (json_read(&rules, text, strlen(text)) < 0)
		return err_in("metadata '%s'", metadata);
	return c->count ? 0 : err(ERR_DATA, "metadata '%s': an empty list", metadata);
}

void
safetensors_classes_save(const struct class_list *c, struct safetensors *model)
{
	struct json_writer *w = json_writer_new(NULL, false);
	size_t size;

	class_list_write_json(c, w, NULL);
	safetensors_set(model, metadata, json_writer_text(w, &size));
	json_writer_free(w);
}
