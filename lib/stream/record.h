/* record - a key and named fields, the unit of a stream, and the header of a stream (formats/stream.md)

   reader_next() or record_put() fill a record, writer_put() writes it. Its fields live in its own arena until it is
   filled or reset again, so that two threads can work on two records. */
#ifndef STREAM_RECORD_H
#define STREAM_RECORD_H

#include "base/err.h"
#include "base/mem.h"
#include "stream/tensor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum value_kind {
	VALUE_INT,	/* whole number */
	VALUE_REAL,	/* double */
	VALUE_BOOL,
	VALUE_TEXT,	/* UTF-8, zero-terminated */
	VALUE_TEXTS,	/* a list of strings (class names) */
	VALUE_TENSOR,	/* msgpack-numpy map; data aligned to 64 bytes */
	VALUE_RAW	/* any other MessagePack object, kept byte for byte */
};

struct value {
	enum value_kind kind;
	union {
		int64_t integer;
		double real;
		bool boolean;
		const char *text;
		struct { const char *const *list; int count; } texts;
		struct tensor tensor;
		struct { const void *bytes; size_t size; } raw;
	};
};

struct field {
	const char *name;
	struct value value;
	const void *coded;	/* the value as it was read (a tensor's: up to its data), written back byte for byte; */
	size_t coded_size;	/* NULL where the value was put by this program */
};

struct record {
	const char *key;	/* names the record; unique within an epoch. NULL in a header's extra */
	long epoch;		/* from 0; -1: no epochs */
	int count;
	struct field *fields;	/* in the order of the stream; tensors are written last */
	size_t room;		/* capacity of fields */
	struct arena arena;	/* owns all of the above */
	long number;		/* index in the input, from 0 */
	size_t offset;		/* byte offset of its beginning in the input, for messages */
};

/* Empty the record: no key, no epoch, no fields. Memory is kept. */
void record_reset(struct record *r);

/* Free its memory. */
void record_free(struct record *r);

/* Set the key (copied). */
void record_set_key(struct record *r, const char *key);

/* The value of that name, NULL if the record has none. Borrowed from the record. */
const struct value *record_get(const struct record *r, const char *name);

/* The tensor of that name if it has this type and rank, else NULL and err(ERR_DATA) with the name and the actual type;
   record_blame() adds the location. Borrowed. Use record_get() where it may be absent. */
ERR_CHECK const struct tensor *record_tensor(const struct record *r, const char *name, enum tensor_type type,
	int rank);

/* Put "PATH: record NUMBER (KEY): " in front of the current error ("-" is standard input). Returns -1. */
int record_blame(const struct record *r, const char *path);

/* Append an empty field; the name (copied) must be new. For readers. */
struct field *record_add(struct record *r, const char *name);

/* Put a value under a name, replacing one of the same name. Texts and the name are copied; a tensor's or
   raw value's bytes are not (they must live as long as the record, e.g. come from its arena). */
void record_put(struct record *r, const char *name, struct value v);
void record_put_int(struct record *r, const char *name, int64_t i);
void record_put_real(struct record *r, const char *name, double x);
void record_put_text(struct record *r, const char *name, const char *text);

/* A new tensor field of that type and shape, data in the record's arena, not zeroed. Returns the data.
   The shape must be valid (it comes from this program). */
void *record_put_tensor(struct record *r, const char *name, enum tensor_type type, int rank, const long *shape);

/* Remove a field if the record has it. */
void record_drop(struct record *r, const char *name);

/* A deep copy into `to` (reset first). */
void record_copy(struct record *to, const struct record *from);

/* The header of a stream. */
struct field_type {
	const char *name;
	enum tensor_type type;
	int rank;
	long shape[TENSOR_RANK_MAX];	/* 0: varies */
};

struct header {
	const char *kind;		/* "image", "feature", ...: formats/records.md */
	int field_count;
	struct field_type *fields;	/* tensors that every record has */
	size_t field_room, history_room;
	int history_count;
	const char **history;		/* "tool version arguments" of every tool so far, oldest first */
	struct record extra;		/* free keys: classes, mean, std, seed, ...; its arena owns the whole header */
};

void header_free(struct header *h);
void header_set_kind(struct header *h, const char *kind);

/* Declare a tensor field (replaces one of the same name). shape may be NULL: all dimensions vary. */
void header_put_field(struct header *h, const char *name, enum tensor_type type, int rank, const long *shape);
const struct field_type *header_field(const struct header *h, const char *name);	/* NULL: not declared */
void header_drop_field(struct header *h, const char *name);

/* Append a line of history (copied). */
void header_add_history(struct header *h, const char *line);

/* The seed for a run of `tool` over this stream: `seed` the first time, another one for each run of the tool in its
   history, so that two runs in one pipe do not draw the same numbers. */
uint64_t header_seed(const struct header *h, const char *tool, uint64_t seed);

/* 0 if streams with these headers may be joined (kind, fields and, where both have them, lists of class names agree),
   else -1 and err(ERR_DATA). */
int header_match(const struct header *a, const struct header *b) ERR_CHECK;

void header_copy(struct header *to, const struct header *from);

#endif
