/* header - the head of a stream: kind, declared fields, history, free keys (record.h)

   Everything lives in the arena of `extra`; lists are copied as they grow, heads are small. */
#include "stream/record.h"
#include "base/err.h"

#include <assert.h>
#include <string.h>

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
	struct field_type f = { .type = type, .rank = rank }, *more;

	assert(rank >= 0 && rank <= TENSOR_RANK_MAX && tensor_text(type));
	if (shape && rank > 0)
		memcpy(f.shape, shape, sizeof *shape * (size_t)rank);
	f.name = arena_text(&h->extra.arena, name);
	header_drop_field(h, name);
	more = arena_get(&h->extra.arena, sizeof *more * (size_t)(h->field_count + 1));
	if (h->field_count)
		memcpy(more, h->fields, sizeof *more * (size_t)h->field_count);
	more[h->field_count++] = f;
	h->fields = more;
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
	/* above every seed that can be said */
	return seed + (runs << 56);
}

void
header_add_history(struct header *h, const char *line)
{
	const char **more = arena_get(&h->extra.arena, sizeof *more * (size_t)(h->history_count + 1));

	if (h->history_count)
		memcpy(more, h->history, sizeof *more * (size_t)h->history_count);
	more[h->history_count++] = arena_text(&h->extra.arena, line);
	h->history = more;
}

/* A class is a number into this list: under another list it would mean another class. */
static bool
same_classes(const struct header *a, const struct header *b)
{
	const struct value *x = record_get(&a->extra, "classes"), *y = record_get(&b->extra, "classes");
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
	int i;

	if (strcmp(a->kind, b->kind))
		return err(ERR_DATA, "a stream of kind \"%s\" cannot be joined to one of kind \"%s\"", b->kind, a->kind);
	if (a->field_count != b->field_count)
		return err(ERR_DATA, "a stream of %d fields cannot be joined to one of %d", b->field_count, a->field_count);
	for (i = 0; i < a->field_count; i++) {
		const struct field_type *f = &a->fields[i], *g = header_field(b, f->name);

		if (!g || g->type != f->type || g->rank != f->rank || memcmp(g->shape, f->shape, sizeof f->shape))
			return err(ERR_DATA, "streams cannot be joined: they differ in field \"%s\"", f->name);
	}
	if (!same_classes(a, b))
		return err(ERR_DATA, "streams cannot be joined: their lists of classes differ");
	return 0;
}

void
header_copy(struct header *to, const struct header *from)
{
	int i;

	record_copy(&to->extra, &from->extra);
	to->kind = NULL;
	to->field_count = to->history_count = 0;
	if (from->kind)
		header_set_kind(to, from->kind);
	for (i = 0; i < from->field_count; i++)
		header_put_field(to, from->fields[i].name, from->fields[i].type, from->fields[i].rank, from->fields[i].shape);
	for (i = 0; i < from->history_count; i++)
		header_add_history(to, from->history[i]);
}
