/* pack - encode values by MessagePack-C, at the end of a growing buffer */
#include "stream/pack.h"
#include "base/mem.h"
#include "stream/tensor.h"

#include <msgpack.h>
#include <stdint.h>
#include <string.h>

void
pack_bytes(struct pack *p, const void *bytes, size_t size)
{
	if (size > p->room - p->used)
		p->bytes = mem_room(p->bytes, &p->room, mem_sum(p->used, size), 1);
	if (size > 0)
		memcpy(p->bytes + p->used, bytes, size);
	p->used += size;
}

void
pack_elements(struct pack *p, const struct tensor *t)
{
	const size_t size = tensor_bytes(t);

	pack_bytes(p, t->data, size);
	if (size > 0)
		tensor_swap(t->type, p->bytes + p->used - size, size);
}

static int
add(void *to, const char *bytes, size_t size)
{
	pack_bytes(to, bytes, size);
	return 0;
}

static msgpack_packer
packer(struct pack *p)
{
	return (msgpack_packer){ p, add };
}

static void
put_text(msgpack_packer *k, const char *text)
{
	msgpack_pack_str_with_body(k, text, strlen(text));
}

static void
put_texts(msgpack_packer *k, const char *const *list, int count)
{
	int i;

	msgpack_pack_array(k, (size_t)count);
	for (i = 0; i < count; i++)
		put_text(k, list[i]);
}

/* A name in a tensor's map: bytes, as Python's msgpack-numpy writes it. */
static void
put_name(msgpack_packer *k, const char *name)
{
	msgpack_pack_bin_with_body(k, name, strlen(name));
}

static void
put_shape(msgpack_packer *k, const long *shape, int rank)
{
	int i;

	msgpack_pack_array(k, (size_t)rank);
	for (i = 0; i < rank; i++)
		msgpack_pack_long(k, shape[i]);
}

static void
put_tensor(msgpack_packer *k, const struct tensor *t)
{
	msgpack_pack_map(k, 5);
	put_name(k, "nd");
	msgpack_pack_true(k);
	put_name(k, "type");
	put_text(k, tensor_text(t->type));
	put_name(k, "kind");
	put_name(k, "");
	put_name(k, "shape");
	put_shape(k, t->shape, t->rank);
	put_name(k, "data");
	msgpack_pack_bin(k, tensor_bytes(t));
}

void
pack_field(struct pack *p, const struct field *f)
{
	msgpack_packer k = packer(p);
	const struct value *v = &f->value;

	put_text(&k, f->name);
	if (f->coded) {
		pack_bytes(p, f->coded, f->coded_size);
		return;
	}
	switch (v->kind) {
	case VALUE_INT: msgpack_pack_int64(&k, v->integer); break;
	case VALUE_REAL: msgpack_pack_double(&k, v->real); break;
	case VALUE_BOOL: v->boolean ? msgpack_pack_true(&k) : msgpack_pack_false(&k); break;
	case VALUE_TEXT: put_text(&k, v->text); break;
	case VALUE_TEXTS: put_texts(&k, v->texts.list, v->texts.count); break;
	case VALUE_TENSOR: put_tensor(&k, &v->tensor); break;
	case VALUE_RAW: pack_bytes(p, v->raw.bytes, v->raw.size); break;
	}
}

void
pack_header(struct pack *p, const struct header *h)
{
	msgpack_packer k = packer(p);
	int i;

	msgpack_pack_map(&k, (size_t)(3 + h->extra.count));
	put_text(&k, "kind");
	put_text(&k, h->kind);
	put_text(&k, "fields");
	msgpack_pack_array(&k, (size_t)h->field_count);
	for (i = 0; i < h->field_count; i++) {
		const struct field_type *f = &h->fields[i];

		msgpack_pack_array(&k, 3);
		put_text(&k, f->name);
		put_text(&k, tensor_text(f->type));
		put_shape(&k, f->shape, f->rank);
	}
	put_text(&k, "history");
	put_texts(&k, h->history, h->history_count);
	for (i = 0; i < h->extra.count; i++) {
		const struct field *f = &h->extra.fields[i];

		pack_field(p, f);
		if (f->value.kind == VALUE_TENSOR)
			pack_elements(p, &f->value.tensor);
	}
}

void
pack_record(struct pack *p, const struct record *r)
{
	msgpack_packer k = packer(p);

	msgpack_pack_map(&k, (size_t)(r->count + 1 + (r->epoch >= 0)));
	put_text(&k, "key");
	put_text(&k, r->key);
	if (r->epoch >= 0) {
		put_text(&k, "epoch");
		msgpack_pack_long(&k, r->epoch);
	}
}

void
pack_end(struct pack *p, uint64_t count, uint64_t digest)
{
	msgpack_packer k = packer(p);
	unsigned char bytes[8];
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(digest >> (56 - 8 * i));
	msgpack_pack_array(&k, 2);
	msgpack_pack_uint64(&k, count);
	msgpack_pack_bin_with_body(&k, bytes, sizeof bytes);
}
