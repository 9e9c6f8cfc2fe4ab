/* stream - records through writer and reader: golden bytes, every kind of value, cuts and flipped bits everywhere,
   hostile lengths */
#define _GNU_SOURCE
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "stream/writer.h"
#include "tap.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char path[4096];

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
store(const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
		abort();
}

/* Bytes of the file, to be freed. */
static unsigned char *
fetch(size_t *size)
{
	FILE *f = fopen(path, "rb");
	unsigned char *p;

	if (!f)
		abort();
	fseek(f, 0, SEEK_END);
	*size = (size_t)ftell(f);
	rewind(f);
	p = malloc(*size + 1);
	if (fread(p, 1, *size, f) != *size)
		abort();
	fclose(f);
	return p;
}

/* Read the file to its end. Records, or -1. */
static long
drain(void)
{
	struct reader *r = reader_open(path);
	struct record rec = { 0 };
	long n = 0;
	int got;

	if (!r)
		return -1;
	while ((got = reader_next(r, &rec)) > 0)
		n++;
	record_free(&rec);
	reader_close(r);
	return got < 0 ? -1 : n;
}

static int
refused(const void *bytes, size_t size)
{
	store(bytes, size);
	return drain() < 0 && err_status() == ERR_DATA;
}

static void
small_stream(void)
{
	static const long varies[] = { 0, 0, 3 }, shape[] = { 2, 1, 3 };
	struct header h = { 0 };
	struct record r = { 0 };
	struct writer *w;
	int i, put = 0;

	header_set_kind(&h, "image");
	header_put_field(&h, "image", TENSOR_U8, 3, varies);
	header_add_history(&h, "tscae-example 0.1.0");
	record_put(&h.extra, "classes",
		(struct value){ .kind = VALUE_TEXTS, .texts = { (const char *const[]){ "cat", "dog" }, 2 } });
	w = writer_open(path, &h);
	for (i = 0; i < 2; i++) {
		unsigned char *p;
		int j;

		record_reset(&r);
		record_set_key(&r, i ? "dog/1" : "cat/0");
		r.epoch = 0;
		p = record_put_tensor(&r, "image", TENSOR_U8, 3, shape);
		for (j = 0; j < 6; j++)
			p[j] = (unsigned char)(i * 16 + j);
		record_put_int(&r, "class", i);
		put += writer_put(w, &r) == 0;
	}
	ok(put == 2 && writer_close(w) == 0, "a small stream is written");
	record_free(&r);
	header_free(&h);
}

/* Write a record of so many tensors of so many bytes and a text of that length. Returns the result of writer_put(). */
static int
put_large(int tensors, long bytes, size_t length)
{
	struct header h = { .kind = "image" };
	struct record r = { 0 };
	struct writer *w = writer_open("/dev/null", &h);
	char name[20], *text;
	int i, result;

	record_reset(&r);
	record_set_key(&r, "large");
	text = arena_get(&r.arena, length + 1);
	memset(text, 'x', length);
	text[length] = 0;
	record_put_text(&r, "text", text);
	for (i = 0; i < tensors; i++) {
		snprintf(name, sizeof name, "tensor %d", i);
		record_put_tensor(&r, name, TENSOR_U8, 1, &bytes);
	}
	result = writer_put(w, &r);
	writer_abandon(w);
	record_free(&r);
	return result;
}

/* What readers refuse, the writer refuses. */
static void
limits(void)
{
	const long whole = (long)STREAM_BINARY_MAX;

	ok(put_large(3, whole, 9) == 0, "a record of 192 MiB is written");
	ok(put_large(4, whole, 9) < 0 && strstr(err_text(), "record 'large' has more than 268435456 bytes"),
		"one of 256 MiB and its names is not: %s", err_text());
	ok(put_large(1, whole + 1, 9) < 0 && strstr(err_text(), "'tensor 0' has more than 67108864 bytes"),
		"nor a tensor above 64 MiB: %s", err_text());
	ok(put_large(0, 0, STREAM_TEXT_MAX) == 0, "a text of 1 MiB is written");
	ok(put_large(0, 0, STREAM_TEXT_MAX + 1) < 0 && strstr(err_text(), "'text' has more than 1048576 bytes"),
		"a longer one is not: %s", err_text());
}

static void
golden(void)
{
	size_t size, want;
	unsigned char *got, *expected;
	static char own[sizeof path];

	small_stream();
	got = fetch(&size);
	strcpy(own, path);
	strcpy(path, "tests/golden/example.tsc");
	expected = fetch(&want);
	ok(size == want && memcmp(got, expected, size) == 0, "a small stream has the %zu golden bytes", want);
	ok(drain() == 2, "the golden stream is read: 2 records");
	strcpy(path, own);
	free(got);
	free(expected);
}

static int
equal(const struct value *a, const struct value *b)
{
	int i;

	if (!a || a->kind != b->kind)
		return 0;
	switch (a->kind) {
	case VALUE_INT: return a->integer == b->integer;
	case VALUE_REAL: return memcmp(&a->real, &b->real, sizeof a->real) == 0;
	case VALUE_BOOL: return a->boolean == b->boolean;
	case VALUE_TEXT: return strcmp(a->text, b->text) == 0;
	case VALUE_RAW: return a->raw.size == b->raw.size && memcmp(a->raw.bytes, b->raw.bytes, a->raw.size) == 0;
	case VALUE_TENSOR:
		return a->tensor.type == b->tensor.type && a->tensor.rank == b->tensor.rank &&
			(uintptr_t)a->tensor.data % 64 == 0 &&
			memcmp(a->tensor.shape, b->tensor.shape, sizeof a->tensor.shape) == 0 &&
			memcmp(a->tensor.data, b->tensor.data, tensor_bytes(&a->tensor)) == 0;
	case VALUE_TEXTS:
		for (i = 0; i < a->texts.count && a->texts.count == b->texts.count; i++)
			if (strcmp(a->texts.list[i], b->texts.list[i]))
				return 0;
		return i == a->texts.count && i == b->texts.count;
	}
	return 0;
}

/* Every kind of value and type of tensor, sizes around every change of encoding and of path. */
static void
round_trip(void)
{
	static const int64_t whole[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, UINT32_MAX, (int64_t)UINT32_MAX + 1,
		INT64_MAX, -1, -32, -33, -128, -129, -32768, -32769, INT32_MIN, (int64_t)INT32_MIN - 1, INT64_MIN };
	static const size_t lengths[] = { 0, 1, 31, 32, 255, 256, 4095, 65535, 65536, 262143, 262144, 300000 };
	static const char raw[] = "\x83\xa1\x61\xc0\x01\x92\x02\xc4\x01\x00\xd4\x05\x07\xa0";
	struct header h = { 0 };
	struct record r = { 0 }, back = { 0 };
	struct writer *w;
	struct reader *in;
	char *text = malloc(300001), name[32];
	int i, same;

	header_set_kind(&h, "test");
	w = writer_open(path, &h);
	record_reset(&r);
	record_set_key(&r, "everything");
	for (i = 0; i < (int)(sizeof whole / sizeof *whole); i++)
		snprintf(name, sizeof name, "int %d", i), record_put_int(&r, name, whole[i]);
	record_put_real(&r, "real", -0.0);
	record_put_real(&r, "pi", 3.14159265358979323846);
	record_put(&r, "true", (struct value){ .kind = VALUE_BOOL, .boolean = true });
	record_put(&r, "false", (struct value){ .kind = VALUE_BOOL });
	record_put(&r, "none", (struct value){ .kind = VALUE_TEXTS });
	record_put(&r, "names",
		(struct value){ .kind = VALUE_TEXTS, .texts = { (const char *const[]){ "", "a", "\xc3\xa4" }, 3 } });
	record_put(&r, "raw", (struct value){ .kind = VALUE_RAW, .raw = { raw, sizeof raw - 1 } });
	for (i = 0; i < (int)(sizeof lengths / sizeof *lengths); i++) {
		const long n = (long)lengths[i];

		memset(text, 'a' + i, lengths[i]);
		text[lengths[i]] = 0;
		snprintf(name, sizeof name, "text %d", i), record_put_text(&r, name, text);
		snprintf(name, sizeof name, "bytes %d", i);
		memcpy(record_put_tensor(&r, name, TENSOR_U8, 1, &n), text, lengths[i]);
	}
	for (i = 0; i < TENSOR_TYPES; i++) {
		static const long shape[] = { 2, 1, 3, 1, 1, 2, 1, 1 };
		size_t j, size = 12 * tensor_width((enum tensor_type)i);
		unsigned char *p;

		if (!tensor_text((enum tensor_type)i))
			continue;
		snprintf(name, sizeof name, "tensor %d", i);
		p = record_put_tensor(&r, name, (enum tensor_type)i, TENSOR_RANK_MAX, shape);
		for (j = 0; j < size; j++)
			p[j] = (unsigned char)(j & 1);
	}
	memset(record_put_tensor(&r, "scalar", TENSOR_F64, 0, NULL), 0, 8);
	record_put_tensor(&r, "empty", TENSOR_F32, 2, (const long[]){ 0, 7 });
	ok(writer_put(w, &r) == 0 && writer_close(w) == 0, "a record with every kind of value is written");
	in = reader_open(path);
	ok(in && reader_next(in, &back) == 1, "a record with every kind of value is read: %s", in ? "" : err_text());
	ok(back.count == r.count && strcmp(back.key, "everything") == 0 && back.epoch == -1,
		"the record has its %d fields, its key and no epoch", r.count);
	for (i = 0, same = 1; i < r.count; i++)
		if (!equal(record_get(&back, r.fields[i].name), &r.fields[i].value))
			same = 0, diag("%s differs", r.fields[i].name);
	ok(same, "all values are unchanged, tensors are aligned");
	record_copy(&r, &back);
	for (i = 0, same = 1; i < r.count; i++)
		same &= equal(&r.fields[i].value, &back.fields[i].value);
	ok(same, "a copy of the record has the same values");
	record_drop(&r, "pi");
	ok(!record_get(&r, "pi") && record_get(&r, "real") && r.count == back.count - 1, "record_drop removes a field");
	ok(reader_next(in, &back) == 0, "reader_next returns 0 at the end");
	ok(reader_next(in, &back) == 0, "reader_next returns 0 again after the end");
	ok(!record_tensor(&r, "raw", TENSOR_U8, 1) && strstr(err_text(), "raw"),
		"record_tensor refuses a value that is not a tensor: %s", err_text());
	reader_close(in);
	record_free(&r);
	record_free(&back);
	header_free(&h);
	free(text);
}

static void
damage(void)
{
	size_t size, i, bad = 0, unplaced = 0;
	unsigned char *b;
	char *twice;
	int bit;

	small_stream();
	b = fetch(&size);
	for (i = 0; i < size; i++) {
		bad += !refused(b, i);
		unplaced += !strstr(err_text(), "byte ");
	}
	ok(bad == 0 && unplaced == 0, "a stream cut at each of %zu bytes is refused with the offset (%zu, %zu)", size,
		bad, unplaced);
	for (i = bad = 0; i < size; i++)
		for (bit = 0; bit < 8; bit++) {
			b[i] ^= (unsigned char)(1 << bit);
			bad += !refused(b, size);
			b[i] ^= (unsigned char)(1 << bit);
		}
	ok(bad == 0, "a stream with each of its %zu bits flipped is refused (%zu)", 8 * size, bad);
	twice = malloc(2 * size + 1);
	memcpy(twice, b, size);
	memcpy(twice + size, b, size);
	store(twice, 2 * size);
	ok(drain() == 4, "two concatenated streams are read as one");
	twice[2 * size] = 0;
	ok(refused(twice, 2 * size + 1), "a byte after concatenated streams is refused: %s", err_text());
	for (i = size + 1, bad = 0; i < 2 * size; i++)
		bad += !refused(twice, i);
	ok(bad == 0, "concatenated streams with the second cut anywhere are refused");
	memcpy(memmem(twice + size, size, "image", 5), "xmage", 5);
	ok(refused(twice, 2 * size) && strstr(err_text(), "kind"), "concatenated streams of two kinds are refused: %s",
		err_text());
	free(twice);
	free(b);
}

/* magic, a header of one key, then these bytes: refused at once and with little memory */
static void
hostile(void)
{
#define H "\xa7tscae/1\x81\xa4kind\xa1x"
#define T H "\x82\xa3key\xa1k\xa1t\x84\xa2nd\xc3\xa4type\xa3|u1\xa5shape"
#define D "\xa4" "data"
#define CASE(what, bytes) { what, bytes, sizeof(bytes) - 1 }
	static const struct { const char *what, *bytes; size_t size; } cases[] = {
		CASE("array of 2^32-1 for a record", H "\xdd\xff\xff\xff\xff"),
		CASE("array of 2^28 for a value", H "\x82\xa3key\xa1k\xa1v\xdd\x10\x00\x00\x00"),
		CASE("array of 2^32-1 for a value", H "\x82\xa3key\xa1k\xa1v\xdd\xff\xff\xff\xff"),
		CASE("map of 2^32-1 for a value", H "\x82\xa3key\xa1k\xa1v\xdf\xff\xff\xff\xff"),
		CASE("map of 2^32-1 for a record", H "\xdf\xff\xff\xff\xff"),
		CASE("map of 2^32-1 for a header", "\xa7tscae/1\xdf\xff\xff\xff\xff"),
		CASE("binary of 4 GiB", H "\x82\xa3key\xa1k\xa1v\xc6\xff\xff\xff\xff"),
		CASE("text of 4 GiB", H "\x82\xa3key\xa1k\xa1v\xdb\xff\xff\xff\xff"),
		CASE("extension of 4 GiB", H "\x82\xa3key\xa1k\xa1v\xc9\xff\xff\xff\xff\x01"),
		CASE("name of 4 GiB", H "\x82\xdb\xff\xff\xff\xff"),
		CASE("shape [2^32, 2^32]", T "\x92\xcf\0\0\0\x01\0\0\0\0\xcf\0\0\0\x01\0\0\0\0" D "\xc4\x00"),
		CASE("shape [2^63, 2]", T "\x92\xcf\x80\0\0\0\0\0\0\0\x02" D "\xc4\x00"),
		CASE("shape [2^31-1, 2^31-1, 2^31-1]",
			T "\x93\xce\x7f\xff\xff\xff\xce\x7f\xff\xff\xff\xce\x7f\xff\xff\xff" D "\xc4\x00"),
		CASE("shape [2^31, 0, 2^31]", T "\x93\xce\x80\0\0\0\0\xce\x80\0\0\0" D "\xc4\x00"),
		CASE("shape [2^31-1, 0, 2^31-1, 2^31-1]",
			T "\x94\xce\x7f\xff\xff\xff\0\xce\x7f\xff\xff\xff\xce\x7f\xff\xff\xff" D "\xc4\x00"),
		CASE("shape [-1]", T "\x91\xff" D "\xc4\x00"),
		CASE("shape of rank 9", T "\x99\1\1\1\1\1\1\1\1\1" D "\xc4\x01\x00"),
		CASE("shape larger than data", T "\x91\x03" D "\xc4\x02\x00\x00"),
		CASE("shape smaller than data", T "\x91\x01" D "\xc4\x02\x00\x00"),
		CASE("64 MiB announced and missing", T "\x91\xce\x04\0\0\0" D "\xc6\x04\0\0\0"),
		CASE("64 MiB and a byte", T "\x91\xce\x04\0\0\1" D "\xc6\x04\0\0\1"),
		CASE("data before shape",
			H "\x82\xa3key\xa1k\xa1t\x84\xa2nd\xc3" D "\xc4\x00\xa5shape\x91\x00\xa4type\xa3|u1"),
		CASE("kind O",
			H "\x82\xa3key\xa1k\xa1t\x85\xc4\x02nd\xc3\xc4\x04type\xa3|O8\xc4\x04kind\xc4\x01O"
			"\xc4\x05shape\x91\x01\xc4\x04" "data\xc4\x01\x80"),
		CASE("kind O in a list",
			H "\x82\xa3key\xa1k\xa1t\x91\x83\xc4\x04kind\xc4\x01O\xc4\x02nd\xc3"
			"\xc4\x04" "data\xc4\x01\x80"),
		CASE("big-endian type",
			H "\x82\xa3key\xa1k\xa1t\x84\xa2nd\xc3\xa4type\xa3>f4\xa5shape\x91\x01" D "\xc4\x04\0\0\0\0"),
		CASE("byte C1", H "\x82\xa3key\xa1k\xa1v\xc1"),
		CASE("number for a name", H "\x82\xa3key\xa1k\x01\x02"),
		CASE("no key", H "\x81\xa1v\x01"),
		CASE("key twice", H "\x82\xa3key\xa1k\xa3key\xa1k"),
		CASE("field twice", H "\x83\xa3key\xa1k\xa1v\x01\xa1v\x01"),
		CASE("negative epoch",
			H "\x82\xa3key\xa1k\xa5"
				"epoch\xff"),
		CASE("number for a key", H "\x81\xa3key\x01"),
		CASE("no kind", "\xa7tscae/1\x80\x92\0\xc4\x08\0\0\0\0\0\0\0\0"),
		CASE("larger major version", "\xa7tscae/2\x81\xa4kind\xa1x"),
		CASE("another magic", "PK\3\4 and so on"),
		CASE("another magic, short", "GIF"),
		CASE("declared but missing field",
			"\xa7tscae/1\x82\xa4kind\xa1x\xa6"
			"fields\x91\x93\xa1t\xa3|u1\x91\x00\x81\xa3key\xa1k"),
		CASE("end of another count", H "\x92\x01\xc4\x08\0\0\0\0\0\0\0\0"),
		CASE("end of one member", H "\x91\x00"),
	};
	struct rusage use;
	size_t i, n;
	char *deep;
	double t;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		t = now();
		ok(refused(cases[i].bytes, cases[i].size) && now() - t < 0.1, "hostile stream, %s: %s", cases[i].what,
			err_text());
	}
	n = sizeof H - 1 + 8 + 1000000;
	deep = malloc(n);
	memset(deep, 0x91, n);
	memcpy(deep, H "\x82\xa3key\xa1k\xa1v", sizeof H - 1 + 8);
	t = now();
	ok(refused(deep, n) && now() - t < 0.1, "a million nested lists are refused: %s", err_text());
	free(deep);
	getrusage(RUSAGE_SELF, &use);
	/* a sanitizer's own memory is not counted */
#ifndef __SANITIZE_ADDRESS__
	ok(use.ru_maxrss < 64 << 10, "hostile streams take at most 64 MiB (%ld KiB)", use.ru_maxrss);
#endif
}

/* A stream of n images of rows x columns, the same on every machine. */
static void
images(long n, long rows, long columns)
{
	static const long varies[] = { 0, 0, 3 };
	const long shape[] = { rows, columns, 3 };
	struct header h = { 0 };
	struct record r = { 0 };
	struct writer *w;
	char key[32];
	long i, j;

	header_set_kind(&h, "image");
	header_put_field(&h, "image", TENSOR_U8, 3, varies);
	header_add_history(&h, "images");
	w = writer_open(path, &h);
	for (i = 0; i < n; i++) {
		unsigned char *p;

		record_reset(&r);
		snprintf(key, sizeof key, "picture/%ld", i);
		record_set_key(&r, key);
		r.epoch = 0;
		record_put_int(&r, "class", i % 10);
		record_put_int(&r, "index", i);
		p = record_put_tensor(&r, "image", TENSOR_U8, 3, shape);
		for (j = 0; j < rows * columns * 3; j++)
			p[j] = (unsigned char)(i * 7 + j * j % 251);
		if (writer_put(w, &r) < 0)
			break;
	}
	if (writer_close(w) < 0)
		fprintf(stderr, "%s\n", err_text());
	record_free(&r);
	header_free(&h);
}

/* Copy standard input to standard output and decode and encode every record, as every filter does. */
static int
pass(void)
{
	struct reader *in = reader_open("-");
	struct writer *out = in ? writer_open("-", reader_header(in)) : NULL;
	struct record r = { 0 };
	int got = -1;

	while (out && (got = reader_next(in, &r)) > 0 && writer_put(out, &r) == 0)
		;
	if (!out || got != 0 || writer_close(out) < 0) {
		fprintf(stderr, "%s\n", err_text());
		return 1;
	}
	reader_close(in);
	record_free(&r);
	return 0;
}

/* Objects from files, each as an unknown field of a record: passed on byte for byte, or refused. */
static void
corpus(int files, char **names)
{
	long same = 0, rejected = 0, changed = 0;
	int i;

	for (i = 0; i < files; i++) {
		struct header h = { 0 };
		struct record r = { 0 }, none = { 0 };
		struct writer *w;
		struct reader *in;
		unsigned char *bytes;
		char own[64];
		size_t size;

		memcpy(own, path, sizeof own);
		snprintf(path, sizeof path, "%s", names[i]);
		bytes = fetch(&size);
		memcpy(path, own, sizeof own);
		header_set_kind(&h, "test");
		w = writer_open(path, &h);
		record_reset(&r);
		record_set_key(&r, "k");
		record_put(&r, "object", (struct value){ .kind = VALUE_RAW, .raw = { bytes, size } });
		if (writer_put(w, &r) < 0 || writer_close(w) < 0)
			diag("%s: %s", names[i], err_text());
		in = reader_open(path);
		if (reader_next(in, &r) != 1 || r.count != 1 || reader_next(in, &none) != 0)
			rejected++, diag("%s: %s", names[i], err_text());
		else if (r.fields[0].coded_size == size && memcmp(r.fields[0].coded, bytes, size) == 0)
			same++;
		else
			changed++, diag("%s: changed", names[i]);
		reader_close(in);
		record_free(&r);
		record_free(&none);
		header_free(&h);
		free(bytes);
	}
	printf("same %ld refused %ld changed %ld\n", same, rejected, changed);
}

int
main(int argc, char **argv)
{
	snprintf(path, sizeof path, "/tmp/tscae-stream.%ld", (long)getpid());
	if (argc == 3 && strcmp(argv[1], "example") == 0) {
		snprintf(path, sizeof path, "%s", argv[2]);
		small_stream();
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "corpus") == 0) {
		corpus(argc - 2, argv + 2);
		return remove(path);
	}
	if (argc == 2 && strcmp(argv[1], "pass") == 0)
		return pass();
	if (argc == 3 && strcmp(argv[1], "digest") == 0) {
		unsigned char *bytes;
		size_t size;

		snprintf(path, sizeof path, "%s", argv[2]);
		bytes = fetch(&size);
		printf("%016llx\n", (unsigned long long)digest_of(bytes, size));
		free(bytes);
		return 0;
	}
	if (argc == 6 && strcmp(argv[1], "images") == 0) {
		snprintf(path, sizeof path, "%s", argv[2]);
		images(atol(argv[3]), atol(argv[4]), atol(argv[5]));
		return 0;
	}
	hostile();
	limits();
	golden();
	round_trip();
	damage();
	remove(path);
	return tap_end();
}
