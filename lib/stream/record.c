/* record - a key and named fields, the unit of a stream, and the header of a stream

   The lists of a header live in the arena of `extra`. */
#include "stream/record.h"
#include "base/err.h"

#include <assert.h>
#include <stdint.h>
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
	static const char *const kinds[] = { "a whole number", "a real number", "a boolean", "a string",
		"a list of strings", "a tensor", "another object" };
	const struct value *v = record_get(r, name);
	char text[128];

	if (!v)
		err(ERR_DATA, "no field '%s'", name);
	else if (v->kind != VALUE_TENSOR)
		err(ERR_DATA, "field '%s' is %s, not a tensor", name, kinds[v->kind]);
	else if (v->tensor.type != type || v->tensor.rank != rank)
		err(ERR_DATA, "field '%s' is %s, not %s of rank %d", name, tensor_show(&v->tensor, text, sizeof text),
			tensor_name(type), rank);
	else
		return &v->tensor;
	return NULL;
}

int
record_blame(const struct record *r, const char *path)
{
	return err_in(
		"%s: record %ld (%s)", strcmp(path, "-") ? path : "standard input", r->number, r->key ? r->key : "");
}

struct field *
record_add(struct record *r, const char *name)
{
	struct field *f;

	r->fields = arena_room(&r->arena, r->fields, &r->room, (size_t)r->count + 1, sizeof *r->fields);
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
		list = arena_array(&r->arena, (size_t)(v.texts.count ? v.texts.count : 1), sizeof *list);
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

void
header_free(struct header *h)
{
	record_free(&h->extra);
	*h = (struct header){ 0 };
}

void
header_set_kind(struct header *h, const char *kind)
{
	h->kind = arena_text(&h->extra.arena, kind);
}

const struct field_type *
header_field(const struct header *h, const char *name)
{
	int i;

	for (i = 0; i < h->field_count; i++)
		if (strcmp(h->fields[i].name, name) == 0)
			return &h->fields[i];
	return NULL;
}

void
header_put_field(struct header *h, const char *name, enum tensor_type type, int rank, const long *shape)
{
	struct field_type f = { .type = type, .rank = rank };

	assert(rank >= 0 && rank <= TENSOR_RANK_MAX && tensor_text(type));
	if (shape && rank > 0)
		memcpy(f.shape, shape, sizeof *shape * (size_t)rank);
	f.name = arena_text(&h->extra.arena, name);
	header_drop_field(h, name);
	h->fields = arena_room(&h->extra.arena, h->fields, &h->field_room, (size_t)h->field_count + 1, sizeof f);
	h->fields[h->field_count++] = f;
}

void
header_drop_field(struct header *h, const char *name)
{
	const struct field_type *found = header_field(h, name);
	long i;

	if (!found)
		return;
	i = found - h->fields;
	h->field_count--;
	memmove(h->fields + i, h->fields + i + 1, sizeof *h->fields * (size_t)(h->field_count - i));
}

uint64_t
header_seed(const struct header *h, const char *tool, uint64_t seed)
{
	const size_t n = strlen(tool);
	uint64_t runs = 0;
	int i;

	for (i = 0; i < h->history_count; i++)
		runs += strncmp(h->history[i], tool, n) == 0 && (h->history[i][n] == ' ' || h->history[i][n] == 0);
	/* above every seed that a user can set */
	return seed + (runs << 56);
}

void
header_add_history(struct header *h, const char *line)
{
	h->history = arena_room(&h->extra.arena, h->history, &h->history_room, (size_t)h->history_count + 1,
		sizeof *h->history);
	h->history[h->history_count++] = arena_text(&h->extra.arena, line);
}

/* True if both headers have the same list of that name, or not both have one. */
static bool
same_texts(const struct header *a, const struct header *b, const char *name)
{
	const struct value *x = record_get(&a->extra, name), *y = record_get(&b->extra, name);
	int i;

	if (!x || !y || x->kind != VALUE_TEXTS || y->kind != VALUE_TEXTS)
		return true;
	if (x->texts.count != y->texts.count)
		return false;
	for (i = 0; i < x->texts.count; i++)
		if (strcmp(x->texts.list[i], y->texts.list[i]))
			return false;
	return true;
}

int
header_match(const struct header *a, const struct header *b)
{
	/* class numbers are indices of these (annotation/class_list.h): another list would mean other classes */
	static const char *const lists[] = { "classes", "label_classes", "predicted_classes",
		"predicted_label_classes", NULL };
	int i;

	if (strcmp(a->kind, b->kind))
		return err(ERR_DATA, "a stream of kind '%s' cannot be joined to one of kind '%s'", b->kind, a->kind);
	if (a->field_count != b->field_count)
		return err(ERR_DATA, "a stream of %d fields cannot be joined to one of %d", b->field_count,
			a->field_count);
	for (i = 0; i < a->field_count; i++) {
		const struct field_type *f = &a->fields[i], *g = header_field(b, f->name);

		if (!g || g->type != f->type || g->rank != f->rank || memcmp(g->shape, f->shape, sizeof f->shape))
			return err(ERR_DATA, "streams cannot be joined: they differ in field '%s'", f->name);
	}
	for (i = 0; lists[i]; i++)
		if (!same_texts(a, b, lists[i]))
			return err(ERR_DATA, "streams cannot be joined: their lists '%s' differ", lists[i]);
	return 0;
}

void
header_copy(struct header *to, const struct header *from)
{
	int i;

	record_copy(&to->extra, &from->extra);
	to->kind = NULL;
	to->field_count = to->history_count = 0;
	to->field_room = to->history_room = 0;
	if (from->kind)
		header_set_kind(to, from->kind);
	for (i = 0; i < from->field_count; i++)
		header_put_field(
			to, from->fields[i].name, from->fields[i].type, from->fields[i].rank, from->fields[i].shape);
	for (i = 0; i < from->history_count; i++)
		header_add_history(to, from->history[i]);
}
