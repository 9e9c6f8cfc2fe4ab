/* fetch - read one value: bounded, its bytes kept unchanged, decoded

   `bytes` collects the small parts of an object. It grows with the bytes that have arrived, never with an announced
   length. The first key marks a tensor; its data is read into the arena without a copy. */
#include "stream/fetch.h"
#include "base/err.h"
#include "stream/reader.h"
#include "stream/tensor.h"
#include "stream/unpack.h"

#include <stdint.h>
#include <string.h>

enum { PIECE = 32 << 10 };	/* of a long body, which passes through the source's buffer */

/* First bytes C0 to DF: bytes of the length that follows, further bytes of the head, kind. */
static const struct { unsigned char number, rest, kind; } heads[32] = {
	{ 0, 0, WIRE_ATOM }, { 0, 0, WIRE_ATOM }, { 0, 0, WIRE_ATOM }, { 0, 0, WIRE_ATOM }, /* nil to true */
	{ 1, 0, WIRE_BINARY }, { 2, 0, WIRE_BINARY }, { 4, 0, WIRE_BINARY }, /* bin 8, 16, 32 */
	{ 1, 1, WIRE_BINARY }, { 2, 1, WIRE_BINARY }, { 4, 1, WIRE_BINARY }, /* ext 8, 16, 32 */
	{ 0, 4, WIRE_ATOM }, { 0, 8, WIRE_ATOM }, /* float 32, 64 */
	{ 0, 1, WIRE_ATOM }, { 0, 2, WIRE_ATOM }, { 0, 4, WIRE_ATOM }, { 0, 8, WIRE_ATOM }, /* uint 8 to 64 */
	{ 0, 1, WIRE_ATOM }, { 0, 2, WIRE_ATOM }, { 0, 4, WIRE_ATOM }, { 0, 8, WIRE_ATOM }, /* int 8 to 64 */
	{ 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY }, { 0, 1, WIRE_BINARY },
	{ 0, 1, WIRE_BINARY }, /* fixext 1 to 16 */
	{ 1, 0, WIRE_TEXT }, { 2, 0, WIRE_TEXT }, { 4, 0, WIRE_TEXT }, /* str 8, 16, 32 */
	{ 2, 0, WIRE_ARRAY }, { 4, 0, WIRE_ARRAY }, { 2, 0, WIRE_MAP }, { 4, 0, WIRE_MAP }, /* array, map 16, 32 */
};

/* Bytes of the head that begins with this byte; 0 for C1, with which no object begins. */
static size_t
wire_head(unsigned char first)
{
	if (first < 0xc0 || first >= 0xe0)
		return 1;
	return first == 0xc1 ? 0 : (size_t)(1 + heads[first - 0xc0].number + heads[first - 0xc0].rest);
}

/* Read a complete head. */
static struct wire
wire_read(const unsigned char *head)
{
	unsigned char first = head[0];
	struct wire w = { WIRE_ATOM, wire_head(first), 0 };
	int i;

	if (first >= 0x80 && first < 0xc0) {
		/* fixmap 8x, fixarray 9x, fixstr A0 to BF */
		w.kind = first < 0x90 ? WIRE_MAP : first < 0xa0 ? WIRE_ARRAY : WIRE_TEXT;
		w.length = first & (first < 0xa0 ? 0x0f : 0x1f);
	} else if (first >= 0xc0 && first < 0xe0) {
		w.kind = heads[first - 0xc0].kind;
		for (i = 1; i <= heads[first - 0xc0].number; i++)
			w.length = w.length << 8 | head[i];
		if (first >= 0xd4 && first <= 0xd8)
			w.length = UINT64_C(1) << (first - 0xd4);
	}
	return w;
}

static int
take(struct fetch *f, size_t n)
{
	int there = source_need(&f->source, n);

	if (there <= 0)
		return there;
	if (n > f->left)
		return err(ERR_DATA, "a record of more than %zu bytes", STREAM_RECORD_MAX);
	f->left -= n;
	if (n > f->room - f->used)
		f->bytes = mem_room(f->bytes, &f->room, f->used + n, 1);
	memcpy(f->bytes + f->used, source_take(&f->source, n), n);
	f->used += n;
	return 1;
}

static int
head(struct fetch *f, struct wire *w)
{
	size_t begin = f->used, n;
	int there = source_need(&f->source, 1);

	if (there <= 0)
		return there;
	n = wire_head(f->source.buffer[f->source.begin]);
	if (n == 0)
		return err(ERR_DATA, "byte C1, which is not MessagePack");
	there = take(f, n);
	if (there > 0)
		*w = wire_read(f->bytes + begin);
	return there;
}

static int
body(struct fetch *f, const struct wire *w)
{
	size_t limit = w->kind == WIRE_TEXT ? STREAM_TEXT_MAX : STREAM_BINARY_MAX, left, part;
	int there;

	if (w->length > limit)
		return err(ERR_DATA, "a %s of %llu bytes (at most %zu)", w->kind == WIRE_TEXT ? "string" : "binary",
			(unsigned long long)w->length, limit);
	for (left = (size_t)w->length; left > 0; left -= part) {
		part = left < PIECE ? left : PIECE;
		there = take(f, part);
		if (there <= 0)
			return there;
	}
	return 1;
}

/* Append one whole object; open[d] elements are still missing at depth d. */
static int
object(struct fetch *f)
{
	uint64_t open[STREAM_DEPTH_MAX + 1] = { 1 };
	size_t begin = f->used;
	long objects = 0;
	struct wire w = { 0 };
	int depth = 0, there;

	for (;;) {
		while (open[depth] == 0)
			if (depth-- == 0)
				return 1;
		open[depth]--;
		there = head(f, &w);
		if (there > 0 && (w.kind == WIRE_TEXT || w.kind == WIRE_BINARY))
			there = body(f, &w);
		if (there <= 0)
			return there;
		if (++objects > STREAM_OBJECTS_MAX || w.length > STREAM_BINARY_MAX
		    || ((w.kind == WIRE_ARRAY || w.kind == WIRE_MAP) && w.length > STREAM_OBJECTS_MAX))
			return err(ERR_DATA, "a value of more than %d objects", STREAM_OBJECTS_MAX);
		if (f->used - begin > STREAM_BINARY_MAX + STREAM_TEXT_MAX)
			return err(ERR_DATA, "a value of more than %zu bytes", STREAM_BINARY_MAX + STREAM_TEXT_MAX);
		if (w.kind == WIRE_ARRAY || w.kind == WIRE_MAP) {
			if (depth == STREAM_DEPTH_MAX)
				return err(ERR_DATA, "a value nested deeper than %d", STREAM_DEPTH_MAX);
			open[++depth] = w.length * (w.kind == WIRE_MAP ? 2 : 1);
		}
	}
}

int
fetch_head(struct fetch *f, struct wire *w)
{
	f->used = 0;
	return head(f, w);
}

int
fetch_object(struct fetch *f)
{
	f->used = 0;
	return object(f);
}

int
fetch_name(struct fetch *f, char name[])
{
	struct wire w = { 0 };
	int there = fetch_head(f, &w);

	if (there <= 0)
		return there;
	if (w.kind != WIRE_TEXT || w.length < 1 || w.length > STREAM_NAME_MAX)
		return err(ERR_DATA, "a field name that is not a string of 1 to %d bytes", STREAM_NAME_MAX);
	there = body(f, &w);
	if (there <= 0)
		return there;
	memcpy(name, f->bytes + w.head, (size_t)w.length);
	name[w.length] = 0;
	return strlen(name) == w.length ? 1 : err(ERR_DATA, "a field name with a zero byte");
}

/* 1 where a map follows whose first pair is nd: true. Python's packer writes names as binaries, old versions as
   texts. */
static int
is_tensor(struct stream_source *s)
{
	static const unsigned char binary[] = { 0xc4, 2, 'n', 'd', 0xc3 }, text[] = { 0xa2, 'n', 'd', 0xc3 };
	const unsigned char *p = s->buffer + s->begin;
	int there;

	if ((*p & 0xf0) != 0x80)
		return 0;
	there = source_need(s, 1 + sizeof binary);
	p = s->buffer + s->begin + 1;
	if (there <= 0)
		return there;
	return memcmp(p, binary, sizeof binary) == 0 || memcmp(p, text, sizeof text) == 0;
}

enum { ND, TYPE, KIND, SHAPE, DATA, MEMBERS };

/* The index of the next member; -1: unknown, or *there is not 1 (1, 0, -1 as in fetch.h). */
static int
member(struct fetch *f, int *there)
{
	static const char *const names[MEMBERS] = { "nd", "type", "kind", "shape", "data" };
	size_t begin = f->used;
	struct wire w = { 0 };
	int i;

	*there = head(f, &w);
	if (*there <= 0)
		return -1;
	if ((w.kind != WIRE_TEXT && w.kind != WIRE_BINARY) || w.length > 5)
		return -1;
	*there = body(f, &w);
	for (i = 0; *there > 0 && i < MEMBERS; i++)
		if (strlen(names[i]) == w.length && memcmp(f->bytes + begin + w.head, names[i], (size_t)w.length) == 0)
			return i;
	return -1;
}

/* Read a member before the data: nd is true, type and shape are supported, kind is empty. */
static int
describe(struct fetch *f, int which, struct tensor *t)
{
	size_t begin = f->used;
	int there = object(f), type;
	struct wire w;

	if (there <= 0)
		return there;
	w = wire_read(f->bytes + begin);
	if (which == ND)
		return f->bytes[begin] == 0xc3 ? 1 : err(ERR_DATA, "a tensor whose nd is not true");
	if (which == SHAPE) {
		if (unpack_shape(f->unpack, f->bytes + begin, f->used - begin, t) < 0)
			return -1;
		return 1;
	}
	if (w.kind != WIRE_TEXT && w.kind != WIRE_BINARY)
		return err(ERR_DATA, "a tensor whose %s is not a string", which == KIND ? "kind" : "type");
	if (which == KIND)
		return w.length == 0 ? 1
			: err(ERR_DATA, "a tensor of kind %.1s, which Python does not read as numbers",
			f->bytes + begin + w.head);
	type = tensor_from_text((const char *)f->bytes + begin + w.head, (size_t)w.length);
	if (type < 0)
		return err(ERR_DATA, "a tensor of type '%.*s', which is not supported",
			(int)(w.length < 8 ? w.length : 8), f->bytes + begin + w.head);
	t->type = (enum tensor_type)type;
	return 1;
}

static int
data(struct fetch *f, struct arena *a, struct tensor *t)
{
	size_t begin = f->used, size;
	struct wire w = { 0 };
	int there;

	if (tensor_check(t, STREAM_BINARY_MAX) < 0)
		return -1;
	size = tensor_bytes(t);
	there = head(f, &w);
	if (there <= 0)
		return there;
	if (w.kind != WIRE_BINARY || f->bytes[begin] > 0xc6 || w.length != size)
		return err(ERR_DATA, "a tensor whose data is not a binary of %zu bytes, as its shape requires", size);
	if (size > f->left)
		return err(ERR_DATA, "a record of more than %zu bytes", STREAM_RECORD_MAX);
	f->left -= size;
	t->data = arena_get(a, size);
	there = source_read(&f->source, t->data, size);
	if (there > 0)
		tensor_swap(t->type, t->data, size);
	return there;
}

static int
tensor(struct fetch *f, struct arena *a, struct tensor *t)
{
	unsigned present = 0, needed = 1u << ND | 1u << TYPE | 1u << SHAPE;
	struct wire w = { 0 };
	uint64_t i;
	int there = head(f, &w), which;

	for (i = 0; there > 0 && i < w.length; i++) {
		which = member(f, &there);
		if (there <= 0)
			return there;
		if (which < 0 || present & 1u << which)
			return err(ERR_DATA, "a tensor with an unknown or repeated member");
		present |= 1u << which;
		if (which == DATA && (i + 1 < w.length || (present & needed) != needed))
			return err(ERR_DATA, "a tensor whose data is not its last member, after nd, type and shape");
		there = which == DATA ? data(f, a, t) : describe(f, which, t);
	}
	if (there > 0 && !(present & 1u << DATA))
		return err(ERR_DATA, "a tensor without data");
	return there;
}

int
fetch_value(struct fetch *f, struct arena *a, struct field *field)
{
	int there = source_need(&f->source, 1), array;

	if (there <= 0)
		return there;
	array = is_tensor(&f->source);
	if (array < 0)
		return -1;
	f->used = 0;
	if (array) {
		field->value = (struct value){ .kind = VALUE_TENSOR };
		there = tensor(f, a, &field->value.tensor);
	} else {
		there = object(f);
	}
	if (there <= 0)
		return there;
	field->coded = arena_copy(a, f->bytes, f->used);
	field->coded_size = f->used;
	if (!array && unpack_value(f->unpack, field->coded, field->coded_size, a, &field->value) < 0)
		return -1;
	return 1;
}
