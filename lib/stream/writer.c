/* writer - records out; the end array and every write are checked

   Small values collect in a buffer; a large payload is written together with the buffer, in one system call. */
#define _GNU_SOURCE
#include "stream/writer.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stream/pack.h"
#include "stream/reader.h"
#include "stream/tensor.h"

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
	PIPE = 1 << 20,		/* three times as fast as a default pipe of 64 KiB (tests/bench/pipe.sh) */
	GATHER = 64 << 10,	/* bytes that justify a system call */
	SMALL_CHUNK = 4 << 10,	/* the fastest on a pipe that may not grow (measured) */
	TENSOR_HEAD = 160	/* upper limit of what pack_field() writes of a tensor beside its name */
};

struct writer {
	struct file file;
	struct digest *digest;
	struct pack out;		/* collected, not yet sent */
	size_t chunk;			/* bytes a call, 0: any number */
	long count;
	struct header header;		/* with the declared fields */
	bool failed;
};

static int
push(struct writer *w, const void *bytes, size_t size)
{
	size_t n;

	for (; w->chunk && size > w->chunk; bytes = (const char *)bytes + n, size -= n) {
		n = w->chunk;
		if (file_write(&w->file, bytes, n) < 0)
			return -1;
	}
	return file_write(&w->file, bytes, size);
}

/* Send the buffer, then the payload. */
static int
send(struct writer *w, const void *payload, size_t size)
{
	struct iovec pieces[] = { { w->out.bytes, w->out.used }, { (void *)payload, size } };
	int bad;

	digest_add(w->digest, w->out.bytes, w->out.used);
	digest_add(w->digest, payload, size);
	if (w->chunk)
		bad = push(w, w->out.bytes, w->out.used) < 0 || push(w, payload, size) < 0;
	else
		bad = file_writev(&w->file, pieces, size ? 2 : 1) < 0;
	w->out.used = 0;
	w->failed |= bad;
	return bad ? -1 : 0;
}

int
writer_flush(struct writer *w)
{
	if (w->failed)
		return -1;
	return w->out.used ? send(w, "", 0) : 0;
}

/* Write to a pipe that can grow in large pieces, else in small ones. */
static void
fit_pipe(struct writer *w)
{
	struct stat st;

	if (fstat(w->file.fd, &st) == 0 && S_ISFIFO(st.st_mode)
	    && fcntl(w->file.fd, F_GETPIPE_SZ) < PIPE && fcntl(w->file.fd, F_SETPIPE_SZ, PIPE) < 0)
		w->chunk = SMALL_CHUNK;
}

struct writer *
writer_open(const char *path, const struct header *h)
{
	struct writer *w = mem_new(sizeof *w);

	w->digest = digest_new();
	assert(h->kind);
	header_copy(&w->header, h);
	if (file_create(&w->file, path) < 0)
		goto fail;
	if (isatty(w->file.fd)) {
		err(ERR_USAGE, "%s is a terminal: a stream goes to a pipe or a file (-o FILE)",
			strcmp(path, "-") ? path : "standard output");
		file_abandon(&w->file);
		goto fail;
	}
	fit_pipe(w);
	pack_bytes(&w->out, STREAM_MAGIC, STREAM_MAGIC_SIZE);
	pack_header(&w->out, h);
	return w;
fail:
	digest_free(w->digest);
	header_free(&w->header);
	free(w);
	return NULL;
}

/* The record has the declared fields, and no part of it passes the limits of readers. Adds to *tensors what its
   tensors add to its bytes, at most. */
static int
check(const struct writer *w, const struct record *r, size_t *tensors)
{
	int i;

	assert(r->key);
	for (i = 0; i < w->header.field_count; i++) {
		const struct field_type *f = &w->header.fields[i];
		const struct value *v = record_get(r, f->name);
		int d;

		assert(v && v->kind == VALUE_TENSOR && v->tensor.type == f->type && v->tensor.rank == f->rank);
		for (d = 0; d < f->rank; d++)
			assert(f->shape[d] == 0 || f->shape[d] == v->tensor.shape[d]);
	}
	if (strlen(r->key) > STREAM_TEXT_MAX)
		return err(ERR_OUTPUT, "record '%.100s...': a key of more than %zu bytes", r->key, STREAM_TEXT_MAX);
	for (i = 0; i < r->count; i++) {
		const struct value *v = &r->fields[i].value;
		const bool is_tensor = v->kind == VALUE_TENSOR;
		const size_t limit = is_tensor ? STREAM_BINARY_MAX : STREAM_TEXT_MAX,
			bytes = is_tensor ? tensor_bytes(&v->tensor) : v->kind == VALUE_TEXT ? strlen(v->text) : 0;

		if (bytes > limit)
			return err(ERR_OUTPUT, "record '%s': field '%s' has more than %zu bytes", r->key,
				r->fields[i].name, limit);
		if (is_tensor)
			*tensors += strlen(r->fields[i].name) + TENSOR_HEAD + bytes;
	}
	if (r->count > STREAM_FIELDS_MAX - 2)
		return err(ERR_OUTPUT, "record '%s': more than %d fields", r->key, STREAM_FIELDS_MAX);
	return 0;
}

int
writer_put(struct writer *w, const struct record *r)
{
	const size_t begun = w->out.used;
	size_t tensors = 0;
	int i;

	if (w->failed || check(w, r, &tensors) < 0)
		return -1;
	pack_record(&w->out, r);
	for (i = 0; i < r->count; i++)
		if (r->fields[i].value.kind != VALUE_TENSOR)
			pack_field(&w->out, &r->fields[i]);
	if (w->out.used - begun + tensors > STREAM_RECORD_MAX) {
		w->out.used = begun;
		return err(ERR_OUTPUT, "record '%s' has more than %zu bytes", r->key, STREAM_RECORD_MAX);
	}
	for (i = 0; i < r->count; i++) {
		const struct tensor *t = &r->fields[i].value.tensor;
		size_t size;

		if (r->fields[i].value.kind != VALUE_TENSOR)
			continue;
		pack_field(&w->out, &r->fields[i]);
		size = tensor_bytes(t);
		if (size < GATHER || tensor_swapped(t->type))
			pack_elements(&w->out, t);
		else if (send(w, t->data, size) < 0)
			return -1;
	}
	w->count++;
	return w->out.used < GATHER ? 0 : send(w, "", 0);
}

static void
free_writer(struct writer *w)
{
	digest_free(w->digest);
	header_free(&w->header);
	free(w->out.bytes);
	free(w);
}

int
writer_close(struct writer *w)
{
	int bad = writer_flush(w) < 0;

	if (!bad) {
		pack_end(&w->out, (uint64_t)w->count, digest_value(w->digest));
		bad = writer_flush(w) < 0;
	}
	if (bad)
		file_abandon(&w->file);
	else
		bad = file_commit(&w->file, false) < 0;
	free_writer(w);
	return bad ? -1 : 0;
}

void
writer_abandon(struct writer *w)
{
	if (!w)
		return;
	file_abandon(&w->file);
	free_writer(w);
}
