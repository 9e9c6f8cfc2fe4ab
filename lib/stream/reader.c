/* reader - records in: strict, with all limits checked before memory is taken */
#include "stream/reader.h"
#include "base/err.h"
#include "base/mem.h"
#include "stream/fetch.h"
#include "stream/source.h"
#include "stream/tensor.h"
#include "stream/unpack.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	struct fetch fetch;
	struct header header;		/* of the first stream */
	long number;			/* records so far, over all joined streams */
	long here;			/* records of this stream, which its end array must state */
	bool done;			/* the end is reached and verified */
};

static const char *
shown_name(const struct reader *r)
{
	return strcmp(r->fetch.source.path, "-") ? r->fetch.source.path : "standard input";
}

/* Put the location in front of the error; `there` 0: the input ended too early. */
static int
fail(struct reader *r, int there, const char *part)
{
	if (there == 0)
		err(ERR_DATA, "cut short: the input ends here");
	if (err_status() == ERR_DATA)
		err_in("%s: %s: byte %zu", shown_name(r), part,
			r->fetch.source.offset + (there == 0 ? r->fetch.source.end - r->fetch.source.begin : 0));
	return -1;
}

static int
fail_record(struct reader *r, int there, const struct record *rec)
{
	char part[320];

	snprintf(part, sizeof part, rec->key ? "record %ld (%.255s)" : "record %ld", r->number, rec->key);
	return fail(r, there, part);
}

/* Read the pairs of a map into fields. 1, 0, -1. */
static int
read_pairs(struct reader *r, struct record *rec, uint64_t pairs, bool is_record)
{
	char name[STREAM_NAME_MAX + 1];
	struct field *f;
	uint64_t i;
	int there;

	if (pairs > STREAM_FIELDS_MAX)
		return err(ERR_DATA, "%llu fields (at most %d)", (unsigned long long)pairs, STREAM_FIELDS_MAX);
	for (i = 0; i < pairs; i++) {
		there = fetch_name(&r->fetch, name);
		if (there <= 0)
			return there;
		if (record_get(rec, name) || (rec->key && strcmp(name, "key") == 0) ||
			(rec->epoch >= 0 && strcmp(name, "epoch") == 0))
			return err(ERR_DATA, "field '%s' occurs twice", name);
		f = record_add(rec, name);
		there = fetch_value(&r->fetch, &rec->arena, f);
		if (there < 0 && err_status() == ERR_DATA)
			err_in("field '%s'", name);
		if (there <= 0)
			return there;
		if (is_record && strcmp(name, "key") == 0) {
			if (f->value.kind != VALUE_TEXT)
				return err(ERR_DATA, "a key that is not a string");
			rec->key = f->value.text;
			rec->count--;
		} else if (is_record && strcmp(name, "epoch") == 0) {
			if (f->value.kind != VALUE_INT || f->value.integer < 0)
				return err(ERR_DATA, "an epoch that is not a whole number from 0 on");
			rec->epoch = (long)f->value.integer;
			rec->count--;
		}
	}
	return !is_record || rec->key ? 1 : err(ERR_DATA, "no key");
}

/* Move kind, fields and history from the free keys to their members. */
static int
move_keys(struct reader *r, struct header *h)
{
	const struct value *kind = record_get(&h->extra, "kind"), *history = record_get(&h->extra, "history");
	int i;

	if (!kind || kind->kind != VALUE_TEXT)
		return err(ERR_DATA, "'kind' is missing or not a string");
	h->kind = kind->text;
	if (history && history->kind != VALUE_TEXTS)
		return err(ERR_DATA, "'history' is not a list of strings");
	for (i = 0; history && i < history->texts.count; i++)
		header_add_history(h, history->texts.list[i]);
	for (i = 0; i < h->extra.count; i++)
		if (strcmp(h->extra.fields[i].name, "fields") == 0
		    && unpack_fields(r->fetch.unpack, h->extra.fields[i].coded, h->extra.fields[i].coded_size, h) < 0)
			return -1;
	record_drop(&h->extra, "kind");
	record_drop(&h->extra, "history");
	record_drop(&h->extra, "fields");
	return 1;
}

static int
read_magic(struct reader *r)
{
	struct stream_source *s = &r->fetch.source;
	const unsigned char *p;
	int there = source_need(s, STREAM_MAGIC_SIZE);

	/* a short input of another format is reported as such, not as cut */
	if (there < 0)
		return -1;
	p = s->buffer + s->begin;
	if (there == 0 && memcmp(p, STREAM_MAGIC, s->end - s->begin) == 0)
		return 0;
	if (there > 0 && memcmp(p, STREAM_MAGIC, STREAM_MAGIC_SIZE) == 0) {
		source_take(s, STREAM_MAGIC_SIZE);
		return 1;
	}
	if (there > 0 && memcmp(p, STREAM_MAGIC, STREAM_MAGIC_SIZE - 1) == 0)
		return err(
			ERR_DATA, "a stream of version %.1s; this program reads version 1", p + STREAM_MAGIC_SIZE - 1);
	return err(ERR_DATA, "not a tscae stream (it does not begin with tscae/1)");
}

static int
read_header(struct reader *r, struct header *h)
{
	struct wire w = { 0 };
	int there = read_magic(r);

	r->here = 0;
	r->fetch.left = STREAM_RECORD_MAX;
	if (there > 0 && (there = fetch_head(&r->fetch, &w)) > 0)
		there = w.kind == WIRE_MAP ? read_pairs(r, &h->extra, w.length, false)
			: err(ERR_DATA, "the header is not a map");
	if (there > 0)
		there = move_keys(r, h);
	return there > 0 ? 0 : fail(r, there, "header");
}

struct reader *
reader_open(const char *path)
{
	struct reader *r = mem_new(sizeof *r);

	r->header.extra.epoch = -1;
	r->fetch.unpack = unpack_new();
	if (source_open(&r->fetch.source, path) < 0 || read_header(r, &r->header) < 0) {
		reader_close(r);
		return NULL;
	}
	return r;
}

int
reader_blame(const struct reader *r)
{
	return err_in("%s", shown_name(r));
}

const struct header *
reader_header(const struct reader *r)
{
	return &r->header;
}

/* The end array; `digest` is that of all bytes before it. */
static int
read_end(struct reader *r, uint64_t digest)
{
	uint64_t count, stated;
	int there = fetch_object(&r->fetch);

	if (there > 0 && unpack_end(r->fetch.unpack, r->fetch.bytes, r->fetch.used, &count, &stated) < 0)
		there = -1;
	if (there > 0 && count != (uint64_t)r->here)
		there = err(ERR_DATA, "the end array states %llu records, the stream has %ld",
			(unsigned long long)count, r->here);
	if (there > 0 && stated != digest)
		there = err(ERR_DATA, "damaged: the digest is %016llx, the end array states %016llx",
			(unsigned long long)digest, (unsigned long long)stated);
	return there > 0 ? 0 : fail(r, there, "end");
}

/* After an end array: 0 at the end of the input, 1 where another stream follows. */
static int
read_joint(struct reader *r)
{
	struct header next = { .extra.epoch = -1 };
	int there = source_need(&r->fetch.source, 1);

	if (there <= 0)
		return there;
	source_restart(&r->fetch.source);
	there = read_header(r, &next) < 0 ? -1 : 1;
	if (there > 0 && header_match(&r->header, &next) < 0)
		there = fail(r, -1, "joined stream");
	header_free(&next);
	return there;
}

/* Every record has the fields that the header declares. */
static int
check(const struct header *h, const struct record *rec)
{
	int i, j;

	for (i = 0; i < h->field_count; i++) {
		const struct field_type *f = &h->fields[i];
		const struct value *v = record_get(rec, f->name);
		char text[128];

		if (!v)
			return err(ERR_DATA, "field '%s' is declared but missing", f->name);
		if (v->kind != VALUE_TENSOR || v->tensor.type != f->type || v->tensor.rank != f->rank)
			return err(ERR_DATA, "field '%s' is %s, declared as %s of rank %d", f->name,
				v->kind == VALUE_TENSOR ? tensor_show(&v->tensor, text, sizeof text) : "not a tensor",
				tensor_name(f->type), f->rank);
		for (j = 0; j < f->rank; j++)
			if (f->shape[j] && f->shape[j] != v->tensor.shape[j])
				return err(ERR_DATA, "field '%s' is %s, declared with %ld as dimension %d", f->name,
					tensor_show(&v->tensor, text, sizeof text), f->shape[j], j + 1);
	}
	return 1;
}

int
reader_next(struct reader *r, struct record *into)
{
	struct stream_source *s = &r->fetch.source;
	struct wire w = { 0 };
	int there;

	while (!r->done) {
		record_reset(into);
		into->number = r->number;
		into->offset = s->offset;
		r->fetch.left = STREAM_RECORD_MAX;
		there = source_need(s, 1);
		if (there <= 0)
			return fail(r, there, "no end array");
		/* the end is a list of two in its shortest form */
		if (s->buffer[s->begin] != 0x92) {
			there = fetch_head(&r->fetch, &w);
			if (there > 0)
				there = w.kind == WIRE_MAP ? read_pairs(r, into, w.length, true)
					: err(ERR_DATA, "neither a record nor the end");
			if (there > 0)
				there = check(&r->header, into);
			if (there <= 0)
				return fail_record(r, there, into);
			r->number++;
			r->here++;
			return 1;
		}
		if (read_end(r, source_digest(s)) < 0)
			return -1;
		there = read_joint(r);
		if (there < 0)
			return -1;
		r->done = there == 0;
	}
	return 0;
}

void
reader_on_wait(struct reader *r, bool (*wait)(void *arg), void *arg)
{
	r->fetch.source.wait = wait;
	r->fetch.source.wait_arg = arg;
}

size_t
reader_offset(const struct reader *r)
{
	return r->fetch.source.offset;
}

void
reader_close(struct reader *r)
{
	if (!r)
		return;
	source_close(&r->fetch.source);
	unpack_free(r->fetch.unpack);
	header_free(&r->header);
	free(r->fetch.bytes);
	free(r);
}
