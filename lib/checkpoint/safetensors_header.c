/* safetensors_header - the JSON header of a safetensors file, read rule by rule and written

   { "__metadata__": { KEY: TEXT, ... }, NAME: { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] }, ... } */
#include "base/err.h"
#include "base/mem.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/safetensors_memory.h"
#include "json/json.h"
#include "json/writer.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The metadata may hold a model card or a training log as one text. */
enum { TEXT_MAX = 16 << 20, DEPTH_MAX = 3 };

enum part { PART_NONE, PART_METADATA, PART_TENSOR };
enum member { MEMBER_NONE, MEMBER_DTYPE, MEMBER_SHAPE, MEMBER_OFFSETS, MEMBERS };

static const char *const members[MEMBERS] = { "", "dtype", "shape", "data_offsets" };

struct parse {
	struct safetensors *c;
	char *data;
	size_t data_size;
	enum part part;
	enum member member;
	unsigned present;		/* bit k: member k of this tensor was read */
	size_t ends[2];			/* data_offsets */
	int offsets;			/* how many of them were read */
	struct safetensors_entry entry;
	struct safetensors_metadata row;
};

static int
malformed(const char *what)
{
	return err(ERR_DATA, "%s", what);
}

static int
text(struct parse *p, const struct json_token *t, const char **to)
{
	if (strlen(t->text) != t->size)
		return malformed("zero byte in a string");
	*to = arena_copy(&p->c->memory->arena, t->text, t->size + 1);
	return 0;
}

static int
tensor_end(struct parse *p)
{
	struct tensor *t = &p->entry.tensor;
	const unsigned all = 1u << MEMBER_DTYPE | 1u << MEMBER_SHAPE | 1u << MEMBER_OFFSETS;

	if (p->present != all)
		return err(ERR_DATA, "tensor '%.100s' has no dtype, shape or data_offsets", p->entry.name);
	if (p->offsets != 2 || p->ends[0] > p->ends[1] || p->ends[1] > p->data_size)
		return err(ERR_DATA, "tensor '%.100s': data_offsets are not a range within the %zu bytes of data",
			p->entry.name, p->data_size);
	if (tensor_check(t, p->data_size) < 0)
		return err_in("tensor '%.100s'", p->entry.name);
	if (tensor_bytes(t) != p->ends[1] - p->ends[0])
		return err(ERR_DATA, "tensor '%.100s' needs %zu bytes, but data_offsets span %zu", p->entry.name,
			tensor_bytes(t), p->ends[1] - p->ends[0]);
	t->data = p->data + p->ends[0];
	*safetensors_memory_entry(p->c) = p->entry;
	return 0;
}

/* Depth 1: __metadata__ and the names of tensors. */
static int
outer(struct parse *p, const struct json_token *t)
{
	switch (t->kind) {
	case JSON_KEY:
		p->part = strcmp(t->text, "__metadata__") == 0 ? PART_METADATA : PART_TENSOR;
		p->entry = (struct safetensors_entry){ 0 };
		p->member = MEMBER_NONE;
		p->present = 0;
		p->offsets = 0;
		return text(p, t, &p->entry.name);
	case JSON_OBJECT:
		return 0;
	case JSON_OBJECT_END:
		return p->part == PART_TENSOR ? tensor_end(p) : 0;
	default:
		return malformed("a tensor is not described by an object");
	}
}

static int
metadata(struct parse *p, const struct json_token *t)
{
	if (t->kind == JSON_KEY)
		return text(p, t, &p->row.key);
	if (t->kind != JSON_TEXT)
		return malformed("metadata value is not a string");
	if (text(p, t, &p->row.value) < 0)
		return -1;
	*safetensors_memory_metadata(p->c) = p->row;
	return 0;
}

/* Depth 2 in the object of a tensor. */
static int
member(struct parse *p, const struct json_token *t)
{
	int type;

	if (t->kind == JSON_KEY) {
		for (p->member = MEMBER_DTYPE; p->member < MEMBERS; p->member++)
			if (strcmp(t->text, members[p->member]) == 0) {
				p->present |= 1u << p->member;
				return 0;
			}
		return err(ERR_DATA, "unknown key '%.100s' of tensor '%.100s'", t->text, p->entry.name);
	}
	if (p->member != MEMBER_DTYPE)
		return t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END ? 0 :
			malformed("shape or data_offsets is not an array");
	if (t->kind != JSON_TEXT)
		return malformed("dtype is not a string");
	type = tensor_from_name(t->text);
	if (type < 0)
		return err(ERR_DATA, "tensor '%.100s' has unknown dtype '%.20s'", p->entry.name, t->text);
	p->entry.tensor.type = (enum tensor_type)type;
	return 0;
}

/* Depth 3: the numbers of shape and data_offsets. */
static int
number(struct parse *p, const struct json_token *t)
{
	struct tensor *into = &p->entry.tensor;

	if (p->part != PART_TENSOR || t->kind != JSON_INT || t->integer < 0)
		return malformed("shape or data_offsets holds no non-negative integer");
	if (p->member == MEMBER_SHAPE) {
		if (into->rank == TENSOR_RANK_MAX)
			return err(ERR_DATA, "tensor '%.100s' has more than %d dimensions", p->entry.name,
				TENSOR_RANK_MAX);
		into->shape[into->rank++] = t->integer;
		return 0;
	}
	if (p->offsets == 2)
		return malformed("data_offsets has more than two numbers");
	p->ends[p->offsets++] = (size_t)t->integer;
	return 0;
}

static int
each(void *arg, const struct json_token *t)
{
	struct parse *p = arg;

	switch (t->depth) {
	case 0:
		return t->kind == JSON_OBJECT || t->kind == JSON_OBJECT_END ? 0 : malformed("header is not an object");
	case 1:
		return outer(p, t);
	case 2:
		return p->part == PART_METADATA ? metadata(p, t) : member(p, t);
	default:
		return number(p, t);
	}
}

int
safetensors_memory_parse(struct safetensors *c, const char *header, size_t size, size_t offset, char *data,
	size_t data_size)
{
	struct parse p = { .c = c, .data = data, .data_size = data_size };
	struct json_rules rules = {
		.depth = DEPTH_MAX, .text = TEXT_MAX, .unique = true, .offset = offset, .each = each, .arg = &p
	};

	return json_read(&rules, header, size);
}

static void
put_tensor(struct json_writer *w, const struct safetensors_entry *e, size_t offset)
{
	const struct tensor *t = &e->tensor;
	int k;

	json_put_object(w, e->name);
	json_put_text(w, "dtype", tensor_name(t->type));
	json_put_array(w, "shape");
	for (k = 0; k < t->rank; k++)
		json_put_int(w, NULL, t->shape[k]);
	json_put_array_end(w);
	json_put_array(w, "data_offsets");
	json_put_int(w, NULL, (int64_t)offset);
	json_put_int(w, NULL, (int64_t)(offset + tensor_bytes(t)));
	json_put_array_end(w);
	json_put_object_end(w);
}

struct json_writer *
safetensors_memory_print(const struct safetensors *c, size_t *digits)
{
	struct json_writer *w = json_writer_new(NULL, false);
	size_t offset = 0;
	int i;

	json_put_object(w, NULL);
	json_put_object(w, "__metadata__");
	for (i = 0; i < c->metadata_count; i++) {
		const struct safetensors_metadata *m = &c->metadata[i];
		const bool digest = strcmp(m->key, "digest") == 0;

		json_put_text(w, m->key, digest ? SAFETENSORS_ZEROS : m->value);
		if (digest) {
			json_writer_text(w, digits);
			*digits -= SAFETENSORS_DIGITS + 1;	/* with the closing quote */
		}
	}
	json_put_object_end(w);
	for (i = 0; i < c->count; i++) {
		put_tensor(w, &c->entries[i], offset);
		offset += tensor_bytes(&c->entries[i].tensor);
	}
	json_put_object_end(w);
	json_put_spaces(w, SAFETENSORS_ALIGN);
	return w;
}
