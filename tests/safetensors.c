/* safetensors - safetensors files: round trip, files of other programs, every cut and flipped bit, malformed headers */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "checkpoint/safetensors.h"
#include "stream/tensor.h"
#include "tap.h"

#include <float.h>
#include <glob.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char directory[] = "/tmp/tscae-checkpoint.XXXXXX", path[64];

static void
put(const void *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0)
		abort();
}

/* Write a file with this header, then `size` zero bytes. */
static void
put_header(const char *header, size_t size)
{
	size_t n = strlen(header);
	unsigned char *bytes = mem_new(8 + n + size);
	int i;

	for (i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(n >> 8 * i);
	memcpy(bytes + 8, header, n);
	put(bytes, 8 + n + size);
	free(bytes);
}

static bool
refused(void)
{
	struct safetensors c;

	if (safetensors_open(&c, path) == 0) {
		safetensors_close(&c);
		return false;
	}
	return err_status() == ERR_DATA && strstr(err_text(), path) && strstr(err_text(), "byte ");
}

static void
write_small(const char *to)
{
	static const float x[6] = { 1, 2, 3, 4, 5, 6 };
	static const double d[1] = { 0.5 };
	static const uint8_t u[3] = { 7, 8, 9 };
	static const uint16_t h[4] = { 0x3c00, 0xc000, 0x0001, 0x7bff }, b[2] = { 0x3f80, 0xc040 };
	struct safetensors c = { 0 };

	safetensors_add(&c, "z.weight", TENSOR_F32, 2, (const long[]){ 2, 3 }, x);
	safetensors_add(&c, "a \"quoted\" \xc3\xa9", TENSOR_U8, 1, (const long[]){ 3 }, u);
	safetensors_add(&c, "scalar", TENSOR_F64, 0, NULL, d);
	safetensors_add(&c, "empty", TENSOR_F32, 2, (const long[]){ 0, 3 }, NULL);
	safetensors_add(&c, "half", TENSOR_F16, 1, (const long[]){ 4 }, h);
	safetensors_add(&c, "brain", TENSOR_BF16, 1, (const long[]){ 2 }, b);
	safetensors_set(&c, "step", "12");
	safetensors_set(&c, "step", "13");
	ok(safetensors_write(&c, to, true) == 0, "a small file is written");
	safetensors_close(&c);
}

static void
test_round_trip(void)
{
	struct safetensors c;
	const struct tensor *t;
	char again[80];
	float x[6];
	void *one, *two;
	size_t n, m;

	write_small(path);
	ok(safetensors_open(&c, path) == 0 && c.count == 6, "a written file is read with all tensors");
	ok(strcmp(c.entries[0].name, "scalar") == 0, "tensors with the widest elements come first");
	t = safetensors_get(&c, "z.weight");
	ok(t && t->rank == 2 && t->shape[0] == 2 && safetensors_floats(t, x) == 0 && x[5] == 6,
		"F32 elements are read");
	t = safetensors_get(&c, "half");
	ok(t && safetensors_floats(t, x) == 0 && x[0] == 1 && x[1] == -2 && x[2] == 0x1p-24f && x[3] == 65504,
		"F16 elements are converted");
	t = safetensors_get(&c, "brain");
	ok(t && safetensors_floats(t, x) == 0 && x[0] == 1 && x[1] == -3, "BF16 elements are converted");
	t = safetensors_get(&c, "scalar");
	ok(t && t->rank == 0 && safetensors_floats(t, x) == 0 && x[0] == 0.5f, "a F64 scalar is converted");
	ok(safetensors_get(&c, "empty") && tensor_count(safetensors_get(&c, "empty")) == 0,
		"a tensor of no elements is read");
	t = safetensors_get(&c, "a \"quoted\" \xc3\xa9");
	ok(t && memcmp(t->data, "\7\10\11", 3) == 0, "a name with quotes and UTF-8 is read");
	ok(t && safetensors_floats(t, x) < 0, "U8 elements are not converted to floats");
	ok(strcmp(safetensors_metadata(&c, "step"), "13") == 0 && strcmp(safetensors_metadata(&c, "format"), "pt") == 0,
		"metadata is read; the second value of a key replaced the first");
	ok(!safetensors_get(&c, "none") && !safetensors_metadata(&c, "none"),
		"a missing tensor and missing metadata are NULL");
	safetensors_close(&c);
	snprintf(again, sizeof again, "%s.again", path);
	write_small(again);
	one = file_read(path, 0, &n);
	two = file_read(again, 0, &m);
	ok(n == m && memcmp(one, two, n) == 0, "equal content gives equal bytes");
	free(one);
	free(two);
	unlink(again);
	ok(safetensors_open(&c, "/nonexistent/file") < 0 && err_status() == ERR_INPUT, "a missing file is refused: %s",
		err_text());
	ok(safetensors_open(&c, "/dev/null") < 0 && err_status() == ERR_INPUT, "a device is refused: %s", err_text());
}

static void
test_damage(void)
{
	size_t size, i, passed = 0;
	unsigned char *bytes;

	write_small(path);
	bytes = file_read(path, 0, &size);
	for (i = 0; i < size; i++) {
		put(bytes, i);
		passed += !refused();
	}
	ok(passed == 0, "cut at each of %zu bytes: %zu were accepted", size, passed);
	for (i = 0, passed = 0; i < 8 * size; i++) {
		bytes[i / 8] ^= (unsigned char)(1u << i % 8);
		put(bytes, size);
		passed += !refused();
		bytes[i / 8] ^= (unsigned char)(1u << i % 8);
	}
	ok(passed == 0, "each of %zu bits flipped: %zu were accepted", 8 * size, passed);
	bytes = mem_grow(bytes, size + 1);
	bytes[size] = 0;
	put(bytes, size + 1);
	ok(refused(), "a file with one extra byte is refused: %s", err_text());
	free(bytes);
}

#define T(dtype, shape, offsets) "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct { const char *what, *header; size_t data;
} hostile[] = {
	{ "a shape that overflows", "{\"a\":" T("F32", "[4294967296,4294967296]", "[0,4]") "}", 4 },
	{ "2^63 elements", "{\"a\":" T("F32", "[9223372036854775807,2]", "[0,4]") "}", 4 },
	{ "2^64 elements", "{\"a\":" T("F32", "[18446744073709551616]", "[0,4]") "}", 4 },
	{ "a zero dimension between two that overflow", "{\"a\":" T("F32", "[2147483648,0,2147483648]", "[0,0]") "}",
		0 },
	{ "a negative dimension", "{\"a\":" T("F32", "[-1]", "[0,4]") "}", 4 },
	{ "a fractional dimension", "{\"a\":" T("F32", "[1.0]", "[0,4]") "}", 4 },
	{ "nine dimensions", "{\"a\":" T("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1 },
	{ "an unknown dtype", "{\"a\":" T("F33", "[1]", "[0,4]") "}", 4 },
	{ "too few bytes", "{\"a\":" T("F32", "[2]", "[0,4]") "}", 4 },
	{ "too many bytes", "{\"a\":" T("F32", "[1]", "[0,8]") "}", 8 },
	{ "offsets beyond the data", "{\"a\":" T("F32", "[2]", "[0,8]") "}", 4 },
	{ "offsets backwards", "{\"a\":" T("F32", "[1]", "[4,0]") "}", 4 },
	{ "three offsets", "{\"a\":" T("F32", "[1]", "[0,4,4]") "}", 4 },
	{ "one offset", "{\"a\":" T("F32", "[1]", "[0]") "}", 4 },
	{ "a gap between tensors", "{\"a\":" T("U8", "[1]", "[0,1]") ",\"b\":" T("U8", "[1]", "[2,3]") "}", 3 },
	{ "a gap before the first tensor", "{\"a\":" T("U8", "[1]", "[1,2]") "}", 2 },
	{ "tensors that overlap", "{\"a\":" T("U8", "[2]", "[0,2]") ",\"b\":" T("U8", "[2]", "[1,3]") "}", 3 },
	{ "two tensors at the same offsets", "{\"a\":" T("U8", "[2]", "[0,2]") ",\"b\":" T("U8", "[2]", "[0,2]") "}",
		2 },
	{ "bytes after the last tensor", "{\"a\":" T("U8", "[1]", "[0,1]") "}", 2 },
	{ "a name twice", "{\"a\":" T("U8", "[1]", "[0,1]") ",\"a\":" T("U8", "[1]", "[1,2]") "}", 2 },
	{ "metadata twice", "{\"__metadata__\":{},\"__metadata__\":{}}", 0 },
	{ "a metadata key twice", "{\"__metadata__\":{\"a\":\"\",\"\\u0061\":\"\"}}", 0 },
	{ "a member twice", "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1 },
	{ "an unknown member", "{\"a\":{\"dtype\":\"U8\",\"more\":1,\"shape\":[1],\"data_offsets\":[0,1]}}", 1 },
	{ "a missing member", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1 },
	{ "metadata that is a number", "{\"__metadata__\":{\"a\":1}}", 0 },
	{ "metadata that nests", "{\"__metadata__\":{\"a\":{\"b\":\"c\"}}}", 0 },
	{ "a tensor that is a list", "{\"a\":[1]}", 0 },
	{ "a shape that nests", "{\"a\":" T("U8", "[[1]]", "[0,1]") "}", 1 },
	{ "a header that is a list", "[1]", 0 },
	{ "a space before the header", " {}", 0 },
	{ "a newline after the header", "{}\n", 0 },
	{ "two objects", "{}{}", 0 },
	{ "a zero byte in a name", "{\"a\\u0000b\":" T("U8", "[1]", "[0,1]") "}", 1 },
	{ "a name that is not UTF-8", "{\"\xff\":" T("U8", "[1]", "[0,1]") "}", 1 },
	{ "a comment", "{/**/}", 0 },
	{ "a header that ends early", "{\"a\":", 0 },
	{ "a header that is not JSON", "}", 0 },
	{ "metadata 'tscae' without a digest", "{\"__metadata__\":{\"tscae\":\"1\"}}", 0 },
	{ "a wrong digest", "{\"__metadata__\":{\"digest\":\"0123456789abcdef\"}}", 0 },
};

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
test_hostile(void)
{
	static const struct { const char *what; unsigned char bytes[9]; size_t size; } lengths[] = {
		{ "an empty file", { 0 }, 0 },
		{ "a header of no bytes", { 0 }, 8 },
		{ "a header of 2^63 bytes", { 0, 0, 0, 0, 0, 0, 0, 0x80, '{' }, 9 },
		{ "a header of 2^64 - 1 bytes", { 255, 255, 255, 255, 255, 255, 255, 255, '{' }, 9 },
		{ "a header of 100 million and one bytes", { 0x01, 0xe1, 0xf5, 0x05, 0, 0, 0, 0, '{' }, 9 },
		{ "a header of 100 million bytes in a file of 9", { 0x00, 0xe1, 0xf5, 0x05, 0, 0, 0, 0, '{' }, 9 }
	};
	enum { LONG = 1000000 };
	char *text = mem_new(LONG + 64);
	size_t i;
	double worst = 0, start;

	for (i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		put(lengths[i].bytes, lengths[i].size);
		ok(refused(), "%s is refused: %s", lengths[i].what, err_text());
	}
	for (i = 0; i < sizeof hostile / sizeof *hostile; i++) {
		put_header(hostile[i].header, hostile[i].data);
		start = seconds();
		ok(refused(), "%s: refused: %s", hostile[i].what, err_text());
		worst = seconds() - start > worst ? seconds() - start : worst;
	}
	memset(text, '[', LONG);
	memcpy(text, "{\"a\":", 5);
	text[LONG - 1] = '}';
	put_header(text, 0);
	start = seconds();
	ok(refused(), "a header nested a million deep is refused: %s", err_text());
	worst = seconds() - start > worst ? seconds() - start : worst;
	memset(text, '1', LONG);
	memcpy(text, "{\"a\":", 5);
	text[LONG - 1] = '}';
	put_header(text, 0);
	start = seconds();
	ok(refused(), "a number of a million digits is refused: %s", err_text());
	worst = seconds() - start > worst ? seconds() - start : worst;
	ok(worst < 0.1, "each malformed header is refused within 0.1 s: %.4f s", worst);
	free(text);
}

/* One element of many that is not finite as float32, of each type. */
static void
test_not_finite(void)
{
	enum { COUNT = 10000, AT = 9998 };
	static float single[COUNT], out[COUNT];
	static double wide[COUNT];
	static uint16_t half[COUNT];
	static const struct {
		const char *what;
		enum tensor_type type;
		float single;
		double wide;
		uint16_t half;
		const char *message;
	} bad[] = {
		{ "F32 NaN", TENSOR_F32, NAN, 0, 0, "element 9998 is NaN" },
		{ "F32 infinity", TENSOR_F32, INFINITY, 0, 0, "element 9998 is infinite" },
		{ "F32 minus infinity", TENSOR_F32, -INFINITY, 0, 0, "element 9998 is infinite" },
		{ "F64 NaN", TENSOR_F64, 0, (double)NAN, 0, "element 9998 is NaN" },
		{ "F64 larger than float32", TENSOR_F64, 0, 1e39, 0, "element 9998 is infinite" },
		{ "F16 infinity", TENSOR_F16, 0, 0, 0x7c00, "element 9998 is infinite" },
		{ "F16 NaN", TENSOR_F16, 0, 0, 0xfe00, "element 9998 is NaN" },
		{ "BF16 infinity", TENSOR_BF16, 0, 0, 0xff80, "element 9998 is infinite" },
		{ "BF16 NaN", TENSOR_BF16, 0, 0, 0x7fc0, "element 9998 is NaN" }
	};
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		const enum tensor_type type = bad[i].type;
		void *data = type == TENSOR_F32 ? (void *)single : type == TENSOR_F64 ? (void *)wide : (void *)half;
		const struct tensor t = { .type = type, .rank = 1, .shape = { COUNT }, .data = data };

		single[AT] = 0;
		wide[AT] = 0;
		half[AT] = 0;
		ok(safetensors_floats(&t, out) == 0, "%s: zeros are accepted", bad[i].what);
		single[AT] = bad[i].single;
		wide[AT] = bad[i].wide;
		half[AT] = bad[i].half;
		/* as a file has it */
		tensor_swap(type, (char *)data + AT * tensor_width(type), tensor_width(type));
		ok(safetensors_floats(&t, out) < 0 && err_status() == ERR_DATA && strstr(err_text(), bad[i].message) &&
				!isfinite(out[AT]),
			"%s is refused: %s", bad[i].what, err_text());
	}
	single[AT] = -FLT_MAX;
	ok(safetensors_check_finite(single, COUNT) == 0, "the largest float32 is accepted");
}

/* A file larger than the memory that reading it takes: test_memory() checks that. */
static void
test_large(void)
{
	enum { TENSORS = 16, COUNT = 2 << 20 };
	float *values = mem_array(COUNT, sizeof *values), *out = mem_array(COUNT, sizeof *out);
	struct safetensors c = { 0 };
	char name[16];
	int i, wrong = 0;

	for (i = 0; i < COUNT; i++)
		values[i] = (float)i;
	for (i = 0; i < TENSORS; i++) {
		snprintf(name, sizeof name, "t%d", i);
		safetensors_add(&c, name, TENSOR_F32, 1, (long[1]){ COUNT }, values);
	}
	wrong += safetensors_write(&c, path, false) < 0;
	safetensors_close(&c);
	wrong += safetensors_open(&c, path) < 0;
	for (i = 0; wrong == 0 && i < c.count; i++) {
		wrong += safetensors_floats(&c.entries[i].tensor, out) < 0 ||
			memcmp(values, out, COUNT * sizeof *out) != 0;
		safetensors_drop_pages(&c, &c.entries[i].tensor);
		wrong += safetensors_floats(&c.entries[i].tensor, out) < 0 ||
			memcmp(values, out, COUNT * sizeof *out) != 0;
		safetensors_drop_pages(&c, &c.entries[i].tensor);
	}
	ok(wrong == 0 && c.count == TENSORS, "a file of 128 MB is read, also after its pages were dropped");
	safetensors_close(&c);
	free(values);
	free(out);
}

static void
test_memory(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
#if !defined __SANITIZE_ADDRESS__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	/* other processors hold a copy of what they write */
	ok(usage.ru_maxrss < 64 << 10, "all of these tests use less than 64 MB of memory: %ld KB", usage.ru_maxrss);
#endif
}

static void
test_accepted(void)
{
	static const struct { const char *header; size_t data; int count; } good[] = {
		{ "{}", 0, 0 }, { "{}      ", 0, 0 }, { "{\"__metadata__\":{}}", 0, 0 },
		{ "{ \"b\" : " T("U8", "[2]", "[1,3]") ", \"a\":" T("BOOL", "[]", "[0,1]") "}", 3, 2 },
		{ "{\"a\":" T("F32", "[0]", "[1,1]") ",\"b\":" T("U8", "[1]", "[0,1]") "}", 1, 2 },
		{ "{\"__metadata__\":{\"digest\":\"sha256:00\"},\"a\":" T("F32", "[1]", "[0,4]") "}", 4, 1 }
	};
	struct safetensors c;
	float x;
	size_t i;

	for (i = 0; i < sizeof good / sizeof *good; i++) {
		put_header(good[i].header, good[i].data);
		if (ok(safetensors_open(&c, path) == 0 && c.count == good[i].count, "a valid header is accepted: %s",
			good[i].header))
			safetensors_close(&c);
	}
	/* the header is one byte longer than a multiple of 4 */
	put_header("{\"a\":" T("F32", "[1]", "[0,4]") "}    ", 4);
	ok(safetensors_open(&c, path) == 0 && safetensors_floats(&c.entries[0].tensor, &x) == 0 && x == 0,
		"a tensor at an odd address is read");
	safetensors_close(&c);
}

static void
test_files(const char *pattern, const char *what)
{
	glob_t found;
	struct safetensors c;
	size_t i;

	if (glob(pattern, 0, NULL, &found) != 0) {
		ok(1, "%s # SKIP there are none", what);
		return;
	}
	for (i = 0; i < found.gl_pathc; i++)
		if (ok(safetensors_open(&c, found.gl_pathv[i]) == 0, "%s is read", strrchr(found.gl_pathv[i], '/') + 1))
			safetensors_close(&c);
		else
			diag("%s", err_text());
	globfree(&found);
}

int
main(int argc, char **argv)
{
	int i;

	if (!mkdtemp(directory))
		return 1;
	snprintf(path, sizeof path, "%s/x.safetensors", directory);
	/* operands: files of other programs, which must be accepted (tests/safetensors.t) */
	for (i = 1; i < argc; i++)
		test_files(argv[i], argv[i]);
	if (argc == 1) {
		test_round_trip();
		test_damage();
		test_accepted();
		test_hostile();
		test_not_finite();
		test_large();
		test_memory();
		test_files("tests/golden/*.safetensors", "golden files");
		test_files("../shared/golden/*.safetensors", "golden files of ../shared");
	}
	unlink(path);
	rmdir(directory);
	return tap_end();
}
