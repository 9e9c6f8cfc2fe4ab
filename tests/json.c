/* json - valid and invalid JSON (cases of JSONTestSuite), numbers, limits, locales */
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "json/json.h"
#include "json/writer.h"
#include "tap.h"

#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_token last;
static int tokens;
static char text[64];

static int
each(void *arg, const struct json_token *t)
{
	(void)arg;
	tokens++;
	if (t->kind == JSON_ARRAY_END || t->kind == JSON_OBJECT_END)
		return 0;
	last = *t;
	if (t->kind == JSON_TEXT && t->size < sizeof text)
		memcpy(text, t->text, t->size + 1);
	return t->kind == JSON_TEXT && strcmp(t->text, "stop") == 0 ? err(ERR_DATA, "stopped") : 0;
}

static int
reads(const char *document, size_t size)
{
	struct json_rules rules = { .each = each };

	tokens = 0;
	return json_read(&rules, document, size);
}

static int
all(const struct json_rules *rules, const char *document)
{
	return json_read(rules, document, strlen(document));
}

static void
test_grammar(void)
{
	static const char *const good[] = {
		"[]", "{}", " [ ] \n", "0", "-0", "\"\"", "true", "false", "null", "[1,2]",
		"[1e5,1E+5,1e-5,-1.5e5,0.1,123456789]",
		"{\"a\":{\"b\":[null]}}", "[\"\\u0000\"]", "[\"\\ud83d\\ude00\"]", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]",
		"[\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"]",
		"{\"a\":1,\"a\":2}", "[\"\x7f\"]", "[1\t,\r\n2]",
		"\xef\xbb\xbf[]"
	};
	static const char *const bad[] = {
		"", " ", "[", "]", "{", "}", "[1,]", "[,1]", "[1,,2]", "[1 2]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}",
		"{1:1}", "{\"a\"}", "{\"a\":}", "[1]]", "[] []",
		"[01]", "[-01]", "[+1]", "[.5]", "[5.]", "[1.e5]", "[1e]", "[1e+]", "[-]", "[0x1]", "[1_000]", "[NaN]",
		"[Infinity]", "[-Infinity]", "[1eE2]", "[1e1.5]", "[--1]",
		"[1e400]", "[nul]", "[nulll]", "[True]", "[truefalse]", "['a']", "[\"a]", "[\"\t\"]", "[\"\n\"]",
		"[\"\\x\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"\\ud800\"]",
		"[\"\\ud800a\"]", "[\"\\ud800\\n\"]", "[\"\\ud800\\ud800\"]", "[\"\\udc00\"]", "[\"\xff\"]",
		"[\"\xc0\xaf\"]", "[\"\xed\xa0\x80\"]", "[\"\xf4\x90\x80\x80\"]",
		"[\"\xe2\x82\"]", "\xef\xbb\xbf\xef\xbb\xbf[]", "[\xef\xbb\xbf]", "\xef\xbb\xbf",
		"[]//x", "/**/[]", "[\f]", "[\v1]", "[1]\xc2\xa0", "[\"a\"\"b\"]",
		"{\"a\":1 \"b\":2}", "[{]}", "#", "[\\u0031]", "*"
	};
	size_t i, passed = 0;

	for (i = 0; i < sizeof good / sizeof *good; i++)
		if (reads(good[i], strlen(good[i])) != 0 && ++passed)
			diag("%s: %s", good[i], err_text());
	ok(passed == 0, "%zu valid documents are read", sizeof good / sizeof *good);
	for (i = 0, passed = 0; i < sizeof bad / sizeof *bad; i++)
		if ((reads(bad[i], strlen(bad[i])) == 0 || err_status() != ERR_DATA ||
			strncmp(err_text(), "byte ", 5) != 0) &&
			++passed)
			diag("%s passed", bad[i]);
	ok(passed == 0, "%zu invalid documents are refused with an offset", sizeof bad / sizeof *bad);
	ok(reads("[\0]", 3) < 0, "a zero byte outside of strings is refused");
}

static void
test_values(void)
{
	const char *locales[] = { "de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8" };
	size_t i;

	ok(reads("9223372036854775807", strlen("9223372036854775807")) == 0 && last.kind == JSON_INT &&
			last.integer == INT64_MAX,
		"the largest 64-bit integer stays an integer");
	ok(reads("9223372036854775808", strlen("9223372036854775808")) == 0 && last.kind == JSON_REAL &&
			last.real == 0x1p63,
		"a larger integer becomes a real number");
	ok(reads("-9223372036854775808", strlen("-9223372036854775808")) == 0 && last.kind == JSON_INT &&
			last.integer == INT64_MIN,
		"the smallest 64-bit integer stays an integer");
	for (i = 0; i < 3; i++) {
		if (!setlocale(LC_ALL, locales[i]))
			continue;
		ok(reads("[0.1]", strlen("[0.1]")) == 0 && last.kind == JSON_REAL && last.real == 0.1,
			"the decimal point is a point in locale %s", locales[i]);
	}
	setlocale(LC_ALL, "C");
	ok(reads("[1e-400]", strlen("[1e-400]")) == 0 && last.real == 0,
		"a number too small for a double is read as zero");
	ok(reads("\"\\ud83d\\ude00\"", strlen("\"\\ud83d\\ude00\"")) == 0 && strcmp(text, "\xf0\x9f\x98\x80") == 0,
		"a surrogate pair is one character");
	ok(reads("\"a\\u0000b\"", strlen("\"a\\u0000b\"")) == 0 && last.size == 3 && memcmp(text, "a\0b", 4) == 0,
		"a string may hold a zero byte");
	ok(reads("[1,\"stop\",2]", strlen("[1,\"stop\",2]")) < 0 && strcmp(err_text(), "byte 9: stopped") == 0,
		"the callback stops the reader: %s", err_text());
	ok(reads("[[1]]", strlen("[[1]]")) == 0 && tokens == 5 && last.depth == 2 && last.offset == 3,
		"tokens have their depth and offset");
}

/* Every way of writing numbers gives the nearest double: what strtod() gives. */
static void
test_numbers(void)
{
	struct rng r = rng_at(1, 0, "numbers", "");
	long i, n = 0, wrong = 0;
	char number[64];

	for (i = 0; i < 200000; i++) {
		double expected;

		/* any number of digits before and after the point, around where short ones end */
		snprintf(number, sizeof number, "%s%.*f", rng_below(&r, 3) ? "" : "-", (int)rng_below(&r, 17),
			(double)rng_below(&r, 1L << 31) / (double)(1 + rng_below(&r, 1L << (1 + i % 31))) *
				(i % 7 ? 1 : 4e6));
		expected = strtod(number, NULL);
		n++;
		wrong += reads(number, strlen(number)) != 0 || memcmp(&last.real, &expected, sizeof expected) != 0 ||
			last.kind != (strchr(number, '.') ? JSON_REAL : JSON_INT) ||
			(last.kind == JSON_INT && last.integer != strtoll(number, NULL, 10));
	}
	ok(wrong == 0, "%ld numbers are the nearest doubles: %ld are not, last %s", n, wrong, number);
	ok(reads("-0", 2) == 0 && signbit(last.real) && last.integer == 0 && last.kind == JSON_INT,
		"minus zero keeps its sign");
	ok(reads("9007199254740993", 16) == 0 && last.integer == 9007199254740993, "an integer beyond 2^53 is exact");
}

static void
test_rules(void)
{
	enum { DEEP = 100000 };
	struct json_rules unique = { .unique = true, .each = each }, small = { .depth = 2, .text = 4, .each = each };
	struct json *j;
	char *deep = mem_new(DEEP);
	const char *document = "{\"a\":[1,2.5,\"x\\ny\"],\"b\":null}";
	size_t i;
	int whole, status = 0;

	ok(all(&unique, "{\"a\":1,\"b\":{\"a\":2},\"a\":3}") < 0 &&
			strstr(err_text(), "byte 22: the key 'a' occurs twice"),
		"two equal keys are refused: %s", err_text());
	ok(all(&unique, "{\"a\":{\"a\":[{\"a\":1},{\"a\":1}]},\"b\":1}") == 0,
		"equal keys of different objects are accepted");
	ok(all(&unique, "{\"\":1,\"\":2}") < 0, "two empty keys are refused");
	ok(all(&small, "[[1]]") == 0 && all(&small, "[[[1]]]") < 0, "nesting over the limit is refused: %s",
		err_text());
	ok(all(&small, "[\"abc\"]") == 0 && all(&small, "[\"abcde\"]") < 0, "a string over the limit is refused: %s",
		err_text());
	memset(deep, '[', DEEP);
	ok(reads(deep, DEEP) < 0, "a hundred thousand brackets are refused: %s", err_text());
	free(deep);
	whole = reads(document, strlen(document)) == 0 ? tokens : -1;
	tokens = 0;
	j = json_open(&unique);
	for (i = 0; document[i]; i++)
		status |= json_feed(j, document + i, 1);
	ok(status == 0 && json_end(j) == 0 && tokens == whole, "a document fed byte by byte gives the same tokens");
	json_close(j);
}

static int
written(struct json_writer *w, const char *want)
{
	size_t size;
	const char *got = json_writer_text(w, &size);
	int same = size == strlen(want) && strcmp(got, want) == 0;

	if (!same)
		diag("%s", got);
	json_writer_clear(w);
	return same;
}

static void
test_texts(void)
{
	static const char *const pairs[][2] = { { "", "\"\"" }, { "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\n\t\x01\x1f", "\"\\n\\t\\u0001\\u001F\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "\xff\xc3", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" } };
	struct json_writer *w = json_writer_new(NULL, false);
	size_t i;

	for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		json_put_text(w, NULL, pairs[i][0]);
		ok(written(w, pairs[i][1]), "a string is written as %s", pairs[i][1]);
	}
	json_writer_free(w);
}

static void
put_document(struct json_writer *w)
{
	json_put_object(w, NULL);
	json_put_int(w, "whole", INT64_MIN);
	json_put_real(w, "real", 9, 0.1);
	json_put_real(w, "exact", 17, 0.1);
	json_put_real(w, "not finite", 17, NAN);
	json_put_number(w, "printed", "1.50");
	json_put_null(w, "nothing");
	json_put_array(w, "list");
	json_put_bool(w, NULL, true);
	json_put_line(w);
	json_put_text(w, NULL, ",");
	json_put_array_end(w);
	json_put_line(w);
	json_put_object(w, "k\"");
	json_put_object_end(w);
	json_put_object_end(w);
}

static void
test_writer(void)
{
	struct json_writer *w = json_writer_new(NULL, false);
	struct mem_stream m;

	mem_stream_open(&m);
	put_document(w);
	ok(written(w,
		"{\"whole\":-9223372036854775808,\"real\":0.1,\"exact\":0.10000000000000001,\"not finite\":null,"
			"\"printed\":1.50,"
				"\"nothing\":null,\"list\":[true,\n\",\"],\n\"k\\\"\":{}}"),
		"a document is written to memory with line breaks after two commas");
	json_put_int(w, NULL, 1);
	json_put_end(w);
	json_put_int(w, NULL, 2);
	json_put_spaces(w, 8);
	ok(written(w, "1\n2     "), "documents follow one another; spaces fill up to a multiple");
	json_writer_free(w);
	w = json_writer_new(m.file, true);
	json_put_array(w, NULL);
	json_put_line(w);
	json_put_int(w, NULL, 1);
	json_put_array_end(w);
	json_put_end(w);
	mem_stream_close(&m);
	ok(strcmp(m.text, "[\n  1\n]\n") == 0, "a pretty document goes to a file");
	json_writer_free(w);
	free(m.text);
}

int
main(void)
{
	test_grammar();
	test_values();
	test_numbers();
	test_rules();
	test_texts();
	test_writer();
	return tap_end();
}
