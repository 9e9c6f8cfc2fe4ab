/* safetensors - named tensors in a file: what reading and writing share */
#include "checkpoint/safetensors.h"
#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/safetensors_memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

	if (c->count == m->entry_room) {
		m->entry_room = m->entry_room ? 2 * m->entry_room : 64;
		c->entries = mem_grow(c->entries, (size_t)m->entry_room * sizeof *c->entries);
	}
	c->entries[c->count] = (struct safetensors_entry){ 0 };
	return &c->entries[c->count++];
}

struct safetensors_metadata *
safetensors_memory_metadata(struct safetensors *c)
{
	struct safetensors_memory *m = safetensors_memory(c);

	if (c->metadata_count == m->metadata_room) {
		m->metadata_room = m->metadata_room ? 2 * m->metadata_room : 16;
		c->metadata = mem_grow(c->metadata, (size_t)m->metadata_room * sizeof *c->metadata);
	}
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

/* IEEE 754 half precision: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
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
safetensors_floats(const struct tensor *t, float *out)
{
	/* mapped data stands at any address, so it is copied out piece by piece */
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
		return 0;
	case TENSOR_F64:
		for (i = 0; i < n; i++, from += width) {
			memcpy(&d, from, sizeof d);
			out[i] = (float)d;
		}
		return 0;
	case TENSOR_F16:
		for (i = 0; i < n; i++, from += width) {
			memcpy(&h, from, sizeof h);
			out[i] = half(h);
		}
		return 0;
	case TENSOR_BF16:
		for (i = 0; i < n; i++, from += width) {
			memcpy(&h, from, sizeof h);
			w = (uint32_t)h << 16;
			memcpy(&out[i], &w, sizeof w);
		}
		return 0;
	default:
		return err(ERR_DATA, "elements of type %s where floating point is needed", tensor_name(t->type));
	}
}

void
safetensors_add(struct safetensors *c, const char *name, enum tensor_type type, int rank, const long *shape, const void *data)
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
	/* borrowed for reading only; struct tensor has no const data */
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
