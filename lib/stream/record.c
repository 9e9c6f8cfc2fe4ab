/* record - what flows between tools: a key and named fields */
#include "stream/record.h"
#include "base/err.h"

#include <assert.h>
#include <string.h>

void
record_reset(struct record *r)
{
	struct arena a = r->arena;

	arena_reset(&a);
	*r = (struct record){ .epoch = -1, .arena = a };
}

void
record_free(struct record *r)
{
	arena_free(&r->arena);
	*r = (struct record){ .epoch = -1 };
}

void
record_set_key(struct record *r, const char *key)
{
	r->key = arena_text(&r->arena, key);
}

static struct field *
find(const struct record *r, const char *name)
{
	int i;

	for (i = 0; i < r->count; i++)
		if (strcmp(r->fields[i].name, name) == 0)
			return &r->fields[i];
	return NULL;
}

const struct value *
record_get(const struct record *r, const char *name)
{
	const struct field *f = find(r, name);

	return f ? &f->value : NULL;
}

const struct tensor *
record_tensor(const struct record *r, const char *name, enum tensor_type type, int rank)
{
	static const char *const kinds[] = { "a whole number", "a real number", "a truth value", "a text", "a list of texts", "a tensor", "another object" };
	const struct value *v = record_get(r, name);
	char text[128];

	if (!v)
		err(ERR_DATA, "no field \"%s\"", name);
	else if (v->kind != VALUE_TENSOR)
		err(ERR_DATA, "field \"%s\" is %s, not a tensor", name, kinds[v->kind]);
	else if (v->tensor.type != type || v->tensor.rank != rank)
		err(ERR_DATA, "field \"%s\" is %s, not %s of rank %d", name, tensor_show(&v->tensor, text, sizeof text), tensor_name(type), rank);
	else
		return &v->tensor;
	return NULL;
}

int
record_blame(const struct record *r, const char *path)
{
	return err_in("%s: record %ld (%s)", strcmp(path, "-") ? path : "standard input", r->number, r->key ? r->key : "");
}

/* Room doubles: 8, 16, ... */
struct field *
record_add(struct record *r, const char *name)
{
	struct field *f;

	if (r->count == 0 || (r->count >= 8 && (r->count & (r->count - 1)) == 0)) {
		struct field *more = arena_get(&r->arena, sizeof *more * (size_t)(r->count ? 2 * r->count : 8));

		if (r->count)
			memcpy(more, r->fields, sizeof *more * (size_t)r->count);
		r->fields = more;
	}
	f = &r->fields[r->count++];
	*f = (struct field){ .name = arena_text(&r->arena, name) };
	return f;
}

void
record_put(struct record *r, const char *name, struct value v)
{
	const char **list;
	struct field *f;
	int i;

	if (v.kind == VALUE_TEXT)
		v.text = arena_text(&r->arena, v.text);
	if (v.kind == VALUE_TEXTS) {
		list = arena_get(&r->arena, sizeof *list * (size_t)(v.texts.count ? v.texts.count : 1));
		for (i = 0; i < v.texts.count; i++)
			list[i] = arena_text(&r->arena, v.texts.list[i]);
		v.texts.list = list;
	}
	assert(v.kind != VALUE_TENSOR || tensor_text(v.tensor.type));
	f = find(r, name);
	if (!f)
		f = record_add(r, name);
	f->value = v;
	f->coded = NULL;
}

void
record_put_int(struct record *r, const char *name, int64_t i)
{
	record_put(r, name, (struct value){ .kind = VALUE_INT, .integer = i });
}

void
record_put_real(struct record *r, const char *name, double x)
{
	record_put(r, name, (struct value){ .kind = VALUE_REAL, .real = x });
}

void
record_put_text(struct record *r, const char *name, const char *text)
{
	record_put(r, name, (struct value){ .kind = VALUE_TEXT, .text = text });
}

void *
record_put_tensor(struct record *r, const char *name, enum tensor_type type, int rank, const long *shape)
{
	struct value v = { .kind = VALUE_TENSOR, .tensor = { .type = type, .rank = rank } };

	assert(rank >= 0 && rank <= TENSOR_RANK_MAX);
	if (rank > 0)
		memcpy(v.tensor.shape, shape, sizeof *shape * (size_t)rank);
	v.tensor.data = arena_get(&r->arena, tensor_bytes(&v.tensor));
	record_put(r, name, v);
	return v.tensor.data;
}

void
record_drop(struct record *r, const char *name)
{
	struct field *f = find(r, name);

	if (!f)
		return;
	memmove(f, f + 1, sizeof *f * (size_t)(r->fields + r->count - f - 1));
	/* the room is told from the count: after it falls to a power of two, the next field gets new room */
	r->count--;
}

void
record_copy(struct record *to, const struct record *from)
{
	int i;

	record_reset(to);
	to->epoch = from->epoch;
	to->number = from->number;
	to->offset = from->offset;
	if (from->key)
		record_set_key(to, from->key);
	for (i = 0; i < from->count; i++) {
		const struct field *f = &from->fields[i];
		struct value v = f->value;

		if (v.kind == VALUE_TENSOR)
			v.tensor.data = arena_copy(&to->arena, v.tensor.data, tensor_bytes(&v.tensor));
		if (v.kind == VALUE_RAW)
			v.raw.bytes = arena_copy(&to->arena, v.raw.bytes, v.raw.size);
		record_put(to, f->name, v);
		if (f->coded) {
			to->fields[i].coded = arena_copy(&to->arena, f->coded, f->coded_size);
			to->fields[i].coded_size = f->coded_size;
		}
	}
}
