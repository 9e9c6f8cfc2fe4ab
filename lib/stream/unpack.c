/* unpack - decode complete, bounded objects by MessagePack-C */
#include "stream/unpack.h"
#include "base/err.h"

#include <msgpack.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct unpack {
	msgpack_zone zone;	/* MessagePack-C's memory, kept from object to object */
};

enum { ZONE = 8 << 10 };	/* first chunk; enough for small objects */

struct unpack *
unpack_new(void)
{
	struct unpack *u = mem_new(sizeof *u);

	if (!msgpack_zone_init(&u->zone, ZONE))
		mem_none();
	return u;
}

void
unpack_free(struct unpack *u)
{
	if (u)
		msgpack_zone_destroy(&u->zone);
	free(u);
}

static int
parse(struct unpack *u, const void *bytes, size_t size, msgpack_object *o)
{
	size_t end = 0;

	msgpack_zone_clear(&u->zone);
	if (msgpack_unpack(bytes, size, &end, &u->zone, o) != MSGPACK_UNPACK_SUCCESS || end != size)
		return err(ERR_DATA, "a MessagePack object that MessagePack-C refuses");
	return 0;
}

static bool
is_text(const msgpack_object *o, const char *text)
{
	size_t n = strlen(text);

	if (o->type == MSGPACK_OBJECT_STR)
		return o->via.str.size == n && memcmp(o->via.str.ptr, text, n) == 0;
	return o->type == MSGPACK_OBJECT_BIN && o->via.bin.size == n && memcmp(o->via.bin.ptr, text, n) == 0;
}

/* Python's msgpack-numpy unpickles the data of a map with `nd` and kind O; such a map is refused.
   STREAM_DEPTH_MAX bounds the nesting. */
static bool
contains_pickle(const msgpack_object *o)
{
	bool nd = false, pickle = false;
	uint32_t i;

	if (o->type == MSGPACK_OBJECT_ARRAY)
		for (i = 0; i < o->via.array.size; i++)
			if (contains_pickle(&o->via.array.ptr[i]))
				return true;
	if (o->type != MSGPACK_OBJECT_MAP)
		return false;
	for (i = 0; i < o->via.map.size; i++) {
		const msgpack_object_kv *kv = &o->via.map.ptr[i];

		nd |= is_text(&kv->key, "nd");
		pickle |= is_text(&kv->key, "kind") && is_text(&kv->val, "O");
		if (contains_pickle(&kv->key) || contains_pickle(&kv->val))
			return true;
	}
	return nd && pickle;
}

/* A text without a zero byte; the pointer to an empty text is undefined. */
static bool
plain(const msgpack_object *o)
{
	return o->type == MSGPACK_OBJECT_STR && (o->via.str.size == 0 || !memchr(o->via.str.ptr, 0, o->via.str.size));
}

/* Copy a text to `to`, terminated. Returns the byte after it. */
static char *
copy(char *to, const msgpack_object *o)
{
	if (o->via.str.size)
		memcpy(to, o->via.str.ptr, o->via.str.size);
	to[o->via.str.size] = 0;
	return to + o->via.str.size + 1;
}

static const char *
text(struct arena *a, const msgpack_object *o)
{
	char *to = plain(o) ? arena_get(a, (size_t)o->via.str.size + 1) : NULL;

	if (to)
		copy(to, o);
	return to;
}

/* A list of strings in one piece of the arena: thousands of short ones must not take a cache line each. */
static bool
texts(struct arena *a, const msgpack_object *o, struct value *v)
{
	uint32_t n = o->via.array.size, i;
	size_t size = 0;
	const char **list;
	char *to;

	for (i = 0; i < n; i++) {
		if (!plain(&o->via.array.ptr[i]))
			return false;
		size += (size_t)o->via.array.ptr[i].via.str.size + 1;
	}
	list = arena_array(a, n + (size_t)1, sizeof *list);
	to = arena_get(a, size);
	for (i = 0; i < n; i++) {
		list[i] = to;
		to = copy(to, &o->via.array.ptr[i]);
	}
	*v = (struct value){ .kind = VALUE_TEXTS, .texts = { list, (int)n } };
	return true;
}

int
unpack_value(struct unpack *u, const void *bytes, size_t size, struct arena *a, struct value *v)
{
	struct value raw = { .kind = VALUE_RAW, .raw = { bytes, size } };
	msgpack_object o;

	if (parse(u, bytes, size, &o) < 0)
		return -1;
	*v = raw;
	if (o.type == MSGPACK_OBJECT_BOOLEAN)
		*v = (struct value){ .kind = VALUE_BOOL, .boolean = o.via.boolean };
	else if (o.type == MSGPACK_OBJECT_NEGATIVE_INTEGER ||
		(o.type == MSGPACK_OBJECT_POSITIVE_INTEGER && o.via.u64 <= INT64_MAX))
		*v = (struct value){ .kind = VALUE_INT, .integer = o.via.i64 };
	else if (o.type == MSGPACK_OBJECT_FLOAT32 || o.type == MSGPACK_OBJECT_FLOAT64)
		*v = (struct value){ .kind = VALUE_REAL, .real = o.via.f64 };
	else if (o.type == MSGPACK_OBJECT_STR) {
		const char *t = text(a, &o);

		if (t)
			*v = (struct value){ .kind = VALUE_TEXT, .text = t };
	} else if (contains_pickle(&o))
		return err(ERR_DATA, "an object of kind O, which Python unpickles");
	else if (o.type == MSGPACK_OBJECT_ARRAY && !texts(a, &o, v))
		*v = raw;
	return 0;
}

static int
shape(const msgpack_object *o, struct tensor *t)
{
	uint32_t i;

	if (o->type != MSGPACK_OBJECT_ARRAY || o->via.array.size > TENSOR_RANK_MAX)
		return err(ERR_DATA, "a shape that is not a list of at most %d dimensions", TENSOR_RANK_MAX);
	t->rank = (int)o->via.array.size;
	for (i = 0; i < o->via.array.size; i++) {
		const msgpack_object *d = &o->via.array.ptr[i];

		if (d->type != MSGPACK_OBJECT_POSITIVE_INTEGER || d->via.u64 > INT32_MAX)
			return err(ERR_DATA, "a shape whose dimension %u is not from 0 to 2^31-1", i + 1);
		t->shape[i] = (long)d->via.u64;
	}
	return 0;
}

int
unpack_shape(struct unpack *u, const void *bytes, size_t size, struct tensor *t)
{
	msgpack_object o;

	return parse(u, bytes, size, &o) < 0 ? -1 : shape(&o, t);
}

int
unpack_fields(struct unpack *u, const void *bytes, size_t size, struct header *h)
{
	msgpack_object o;
	uint32_t i;

	if (parse(u, bytes, size, &o) < 0)
		return -1;
	if (o.type != MSGPACK_OBJECT_ARRAY)
		return err(ERR_DATA, "header: 'fields' is not a list");
	for (i = 0; i < o.via.array.size; i++) {
		const msgpack_object *row = &o.via.array.ptr[i], *cell = row->via.array.ptr;
		struct tensor t = { 0 };
		const char *name;
		int type;

		if (row->type != MSGPACK_OBJECT_ARRAY || row->via.array.size != 3 || cell[1].type != MSGPACK_OBJECT_STR
		    || !(name = text(&h->extra.arena, &cell[0])))
			return err(ERR_DATA, "header: a declared field is not [name, type, shape]");
		type = tensor_from_text(cell[1].via.str.ptr, cell[1].via.str.size);
		if (type < 0)
			return err(ERR_DATA, "header: field '%s' has an unsupported type", name);
		if (shape(&cell[2], &t) < 0)
			return err_in("header: field '%s'", name);
		header_put_field(h, name, (enum tensor_type)type, t.rank, t.shape);
	}
	return 0;
}

int
unpack_end(struct unpack *u, const void *bytes, size_t size, uint64_t *count, uint64_t *digest)
{
	msgpack_object o, *cell;
	uint32_t i;

	if (parse(u, bytes, size, &o) < 0)
		return -1;
	cell = o.via.array.ptr;
	if (o.type != MSGPACK_OBJECT_ARRAY || o.via.array.size != 2 || cell[0].type != MSGPACK_OBJECT_POSITIVE_INTEGER
	    || cell[1].type != MSGPACK_OBJECT_BIN || cell[1].via.bin.size != sizeof *digest)
		return err(ERR_DATA, "an end array that is not [count, digest]");
	*count = cell[0].via.u64;
	*digest = 0;
	for (i = 0; i < sizeof *digest; i++)
		*digest = *digest << 8 | (unsigned char)cell[1].via.bin.ptr[i];
	return 0;
}
