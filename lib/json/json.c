/* json - JSON in, as a sequence of tokens, by YAJL

   struct scan checks the bytes first, YAJL finds the tokens, struct keys finds keys that occur twice; numbers are
   converted here. */
#include "json/json.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "json/strict.h"
#include "json/yajl_memory.h" /* IWYU pragma: keep (it declares what this file defines) */

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_common.h>
#include <yajl/yajl_parse.h>

/* Enough for any file of the field; the rules may set other limits. */
enum { DEPTH = 64, TEXT = 1 << 20, NUMBER = 1100 };

struct json {
	struct json_rules rules;
	struct scan scan;
	struct keys keys;
	yajl_handle yajl;
	locale_t plain;		/* a locale whose decimal point is a point */
	char *text;		/* the current text, zero-terminated */
	size_t room;
	size_t fed;		/* bytes given to YAJL before the current ones */
	int depth;
	bool stopped;		/* by the callback or a limit: err() is set */
};

static size_t
offset(const struct json *j)
{
	return j->rules.offset + j->fed + yajl_get_bytes_consumed(j->yajl);
}

/* For YAJL, 0 means stop. */
static int
send(struct json *j, struct json_token t)
{
	t.offset = offset(j);
	t.depth = j->depth;
	if (j->rules.each(j->rules.arg, &t) == 0)
		return 1;
	err_in("byte %zu", t.offset);
	j->stopped = true;
	return 0;
}

static int
on_null(void *arg)
{
	return send(arg, (struct json_token){ .kind = JSON_NULL });
}

static int
on_bool(void *arg, int x)
{
	return send(arg, (struct json_token){ .kind = JSON_BOOL, .boolean = x });
}

/* Most numbers are short: their digits are a whole number below 2^53, and the power of ten that divides them is a
   double too, so that one division rounds as strtod() does (Clinger, "How to read floating point numbers accurately",
   1990). False: the number is longer. */
static bool
short_number(const char *digits, size_t n, struct json_token *t)
{
	static const double tens[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
		1e15 };
	size_t i = n > 0 && digits[0] == '-', point = 0;
	int64_t whole = 0;

	if (n > 16)
		return false;
	for (; i < n; i++)
		if (digits[i] == '.')
			point = i;
		else if (digits[i] >= '0' && digits[i] <= '9')
			whole = 10 * whole + (digits[i] - '0');
		else
			return false;
	if (whole >= INT64_C(1) << 53)
		return false;
	t->kind = point ? JSON_REAL : JSON_INT;
	t->integer = point ? 0 : digits[0] == '-' ? -whole : whole;
	t->real = (double)whole / tens[point ? n - 1 - point : 0];
	if (digits[0] == '-')
		t->real = -t->real;
	return true;
}

static int
on_number(void *arg, const char *digits, size_t n)
{
	struct json *j = arg;
	struct json_token t = { .kind = JSON_REAL };
	char number[NUMBER];
	locale_t before;

	if (short_number(digits, n, &t))
		return send(j, t);
	if (n >= sizeof number) {
		err(ERR_DATA, "byte %zu: a number that is too long", offset(j));
		j->stopped = true;
		return 0;
	}
	memcpy(number, digits, n);
	number[n] = '\0';
	errno = 0;
	if (!strpbrk(number, ".eE")) {
		t.integer = strtoll(number, NULL, 10);
		if (errno == 0)
			t.kind = JSON_INT;
	}
	before = uselocale(j->plain);
	t.real = strtod(number, NULL);
	uselocale(before);
	if (!isfinite(t.real)) {
		err(ERR_DATA, "byte %zu: a number out of range", offset(j));
		j->stopped = true;
		return 0;
	}
	return send(j, t);
}

static struct json_token
text(struct json *j, enum json_kind kind, const unsigned char *s, size_t n)
{
	j->text = mem_room(j->text, &j->room, mem_sum(n, 1), 1);
	if (n)
		memcpy(j->text, s, n);
	j->text[n] = '\0';
	return (struct json_token){ .kind = kind, .text = j->text, .size = n };
}

static int
on_text(void *arg, const unsigned char *s, size_t n)
{
	return send(arg, text(arg, JSON_TEXT, s, n));
}

static int
on_key(void *arg, const unsigned char *s, size_t n)
{
	struct json *j = arg;
	struct json_token t = text(j, JSON_KEY, s, n);

	if (j->rules.unique)
		keys_put(&j->keys, t.text, n, offset(j));
	return send(j, t);
}

static int
on_begin(struct json *j, enum json_kind kind)
{
	int go_on = send(j, (struct json_token){ .kind = kind });

	j->depth++;
	return go_on;
}

static int
on_end(struct json *j, enum json_kind kind)
{
	j->depth--;
	return send(j, (struct json_token){ .kind = kind });
}

static int
on_object(void *arg)
{
	keys_open(&((struct json *)arg)->keys);
	return on_begin(arg, JSON_OBJECT);
}

static int
on_object_end(void *arg)
{
	struct json *j = arg;

	if (keys_close(&j->keys) < 0) {
		j->stopped = true;
		return 0;
	}
	return on_end(j, JSON_OBJECT_END);
}

static int
on_array(void *arg)
{
	return on_begin(arg, JSON_ARRAY);
}

static int
on_array_end(void *arg)
{
	return on_end(arg, JSON_ARRAY_END);
}

static void *
take(void *context, size_t size)
{
	(void)context;
	return mem_grow(NULL, size);
}

static void *
grow(void *context, void *p, size_t size)
{
	(void)context;
	return mem_grow(p, size);
}

static void
give(void *context, void *p)
{
	(void)context;
	free(p);
}

yajl_alloc_funcs yajl_memory = { take, grow, give, NULL };

struct json *
json_open(const struct json_rules *rules)
{
	static const yajl_callbacks callbacks = {
		on_null, on_bool, NULL, NULL, on_number, on_text,
		on_object, on_key, on_object_end, on_array, on_array_end
	};
	struct json *j = mem_new(sizeof *j);

	j->rules = *rules;
	j->scan.depth_max = rules->depth ? rules->depth : DEPTH;
	j->scan.length_max = rules->text ? rules->text : TEXT;
	j->scan.offset = rules->offset;
	j->plain = newlocale(LC_ALL_MASK, "C", NULL);
	j->yajl = yajl_alloc(&callbacks, &yajl_memory, j);
	return j;
}

static int
outcome(struct json *j, yajl_status status, const void *bytes, size_t size)
{
	unsigned char *why;

	if (status == yajl_status_ok)
		return 0;
	if (j->stopped)
		return -1;
	why = yajl_get_error(j->yajl, 0, bytes, size);
	err(ERR_DATA, "byte %zu: %.*s", offset(j), (int)strcspn((char *)why, "\n"), (char *)why);
	yajl_free_error(j->yajl, why);
	return -1;
}

int
json_feed(struct json *j, const void *bytes, size_t size)
{
	if (size == 0)
		return 0;
	if (scan_feed(&j->scan, bytes, size) < 0 || outcome(j, yajl_parse(j->yajl, bytes, size), bytes, size) < 0)
		return -1;
	j->fed += size;
	return 0;
}

int
json_end(struct json *j)
{
	static const unsigned char nothing[] = "";

	return outcome(j, yajl_complete_parse(j->yajl), nothing, 0);
}

void
json_close(struct json *j)
{
	yajl_free(j->yajl);
	freelocale(j->plain);
	keys_free(&j->keys);
	free(j->text);
	free(j);
}

int
json_read(const struct json_rules *rules, const void *bytes, size_t size)
{
	const size_t mark = utf8_mark(bytes, size);
	struct json_rules inner = *rules;
	struct json *j;
	int status;

	inner.offset += mark;
	j = json_open(&inner);
	status = json_feed(j, (const char *)bytes + mark, size - mark) < 0 || json_end(j) < 0 ? -1 : 0;

	json_close(j);
	return status;
}
