/* safetensors_parse - the JSON header of a safetensors file, rule by rule

   { "__metadata__": { KEY: TEXT, ... }, NAME: { "dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24] }, ... } */
#include "base/err.h"
#include "json/json.h"
#include "checkpoint/safetensors_memory.h"

#include <string.h>

/* A model card or a training log may stand in the metadata as one text. */
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
	unsigned seen;			/* members of this tensor that were there, a bit each */
	size_t ends[2];			/* data_offsets */
	int offsets;			/* how many of them so far */
	struct safetensors_entry entry;
	struct safetensors_metadata row;
};

static int
wrong(const char *what)
{
	return err(ERR_DATA, "%s", what);
}

static int
text(struct parse *p, const struct json_token *t, const char **to)
{
	if (strlen(t->text) != t->size)
		return wrong("a zero byte in a text");
	*to = arena_copy(&p->c->memory->arena, t->text, t->size + 1);
	return 0;
}

static int
tensor_end(struct parse *p)
{
	struct tensor *t = &p->entry.tensor;
	const unsigned all = 1u << MEMBER_DTYPE | 1u << MEMBER_SHAPE | 1u << MEMBER_OFFSETS;

	if (p->seen != all)
		return err(ERR_DATA, "tensor '%.100s' lacks its dtype, shape or data_offsets", p->entry.name);
	if (p->offsets != 2 || p->ends[0] > p->ends[1] || p->ends[1] > p->data_size)
		return err(ERR_DATA, "tensor '%.100s': data_offsets that are not a range of the %zu bytes of data", p->entry.name, p->data_size);
	if (tensor_check(t, p->data_size) < 0)
		return err_in("tensor '%.100s'", p->entry.name);
	if (tensor_bytes(t) != p->ends[1] - p->ends[0])
		return err(ERR_DATA, "tensor '%.100s' needs %zu bytes and has %zu", p->entry.name, tensor_bytes(t), p->ends[1] - p->ends[0]);
	t->data = p->data + p->ends[0];
	*safetensors_memory_entry(p->c) = p->entry;
	return 0;
}

/* Depth 1: the names of tensors, and __metadata__. */
static int
outer(struct parse *p, const struct json_token *t)
{
	switch (t->kind) {
	case JSON_KEY:
		p->part = strcmp(t->text, "__metadata__") == 0 ? PART_METADATA : PART_TENSOR;
		p->entry = (struct safetensors_entry){ 0 };
		p->member = MEMBER_NONE;
		p->seen = 0;
		p->offsets = 0;
		return text(p, t, &p->entry.name);
	case JSON_OBJECT:
		return 0;
	case JSON_OBJECT_END:
		return p->part == PART_TENSOR ? tensor_end(p) : 0;
	default:
		return wrong("something else where an object should describe a tensor");
	}
}

static int
metadata(struct parse *p, const struct json_token *t)
{
	if (t->kind == JSON_KEY)
		return text(p, t, &p->row.key);
	if (t->kind != JSON_TEXT)
		return wrong("metadata that is not text");
	if (text(p, t, &p->row.value) < 0)
		return -1;
	*safetensors_memory_metadata(p->c) = p->row;
	return 0;
}

/* Depth 2 in a tensor's object. */
static int
member(struct parse *p, const struct json_token *t)
{
	int type;

	if (t->kind == JSON_KEY) {
		for (p->member = MEMBER_DTYPE; p->member < MEMBERS; p->member++)
			if (strcmp(t->text, members[p->member]) == 0) {
				p->seen |= 1u << p->member;
				return 0;
			}
		return err(ERR_DATA, "an unknown key '%.100s' of tensor '%.100s'", t->text, p->entry.name);
	}
	if (p->member != MEMBER_DTYPE)
		return t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END ? 0 : wrong("something else where a list should be");
	if (t->kind != JSON_TEXT)
		return wrong("a dtype that is not text");
	type = tensor_from_name(t->text);
	if (type < 0)
		return err(ERR_DATA, "tensor '%.100s' has the unknown dtype '%.20s'", p->entry.name, t->text);
	p->entry.tensor.type = (enum tensor_type)type;
	return 0;
}

/* Depth 3: the numbers of shape and data_offsets. */
static int
number(struct parse *p, const struct json_token *t)
{
	struct tensor *into = &p->entry.tensor;

	if (p->part != PART_TENSOR || t->kind != JSON_INT || t->integer < 0)
		return wrong("something else where a whole number should be");
	if (p->member == MEMBER_SHAPE) {
		if (into->rank == TENSOR_RANK_MAX)
			return err(ERR_DATA, "tensor '%.100s' has more than %d dimensions", p->entry.name, TENSOR_RANK_MAX);
		into->shape[into->rank++] = t->integer;
		return 0;
	}
	if (p->offsets == 2)
		return wrong("more than two data_offsets");
	p->ends[p->offsets++] = (size_t)t->integer;
	return 0;
}

static int
each(void *arg, const struct json_token *t)
{
	struct parse *p = arg;

	switch (t->depth) {
	case 0:
		return t->kind == JSON_OBJECT || t->kind == JSON_OBJECT_END ? 0 : wrong("a header that is not an object");
	case 1:
		return outer(p, t);
	case 2:
		return p->part == PART_METADATA ? metadata(p, t) : member(p, t);
	default:
		return number(p, t);
	}
}

int
safetensors_memory_parse(struct safetensors *c, const char *header, size_t size, size_t offset, char *data, size_t data_size)
{
	struct parse p = { .c = c, .data = data, .data_size = data_size };
	struct json_rules rules = { .depth = DEPTH_MAX, .text = TEXT_MAX, .unique = true, .offset = offset, .each = each, .arg = &p };

	return json_read(&rules, header, size);
}
