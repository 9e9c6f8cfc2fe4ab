/* strict - checks of JSON that YAJL lacks: bytes (RFC 8259, RFC 3629), limits, keys that occur twice */
#define _GNU_SOURCE	/* qsort_r */
#include "json/strict.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

/* Longest run of a number or word: 767 significant digits decide any double, the rest is sign and exponent. */
enum { RUN_MAX = 1024 };

static int
refuse(const struct scan *s, const char *what)
{
	return err(ERR_DATA, "byte %zu: %s", s->offset, what);
}

/* First byte of a UTF-8 sequence: how many follow, and the range of the next. */
static int
lead(struct scan *s, unsigned char c)
{
	const struct utf8_form *form = utf8_form(c);

	if (!form)
		return refuse(s, "bytes that are not UTF-8");
	s->following = (int)form->length - 1;
	s->low = form->low;
	s->high = form->high;
	return 0;
}

static int
hex(struct scan *s, unsigned char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;

	if (!at)
		return refuse(s, "not a hexadecimal digit");
	s->unit = s->unit * 16 + (unsigned)(at - digits);
	if (--s->digits > 0)
		return 0;
	s->state = SCAN_TEXT;
	if ((s->unit & 0xfc00) == 0xdc00 ? !s->surrogate : s->surrogate)
		return refuse(s, "half a surrogate pair");
	s->surrogate = (s->unit & 0xfc00) == 0xd800;
	return 0;
}

static int
escape(struct scan *s, unsigned char c)
{
	if (!c || !strchr("\"\\/bfnrtu", c))
		return refuse(s, "unknown escape");
	if (s->surrogate && c != 'u')
		return refuse(s, "half a surrogate pair");
	s->state = c == 'u' ? SCAN_HEX : SCAN_TEXT;
	s->digits = 4;
	s->unit = 0;
	return 0;
}

static int
text(struct scan *s, unsigned char c)
{
	if (s->following > 0) {
		if (c < s->low || c > s->high)
			return refuse(s, "bytes that are not UTF-8");
		s->following--;
		s->low = 0x80;
		s->high = 0xbf;
		return 0;
	}
	if (s->surrogate && c != '\\')
		return refuse(s, "half a surrogate pair");
	if (c < 0x20)
		return refuse(s, "a control character in a string");
	if (c == '\\')
		s->state = SCAN_ESCAPE;
	else if (c == '"')
		s->state = SCAN_OUTSIDE, s->length = 0;
	return c < 0x80 ? 0 : lead(s, c);
}

/* Part of a number or of a word. */
static int
in_run(unsigned char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+' || (c >= 'a' && c <= 'z') ||
		(c >= 'A' && c <= 'Z');
}

static int
outside(struct scan *s, unsigned char c)
{
	size_t run = s->length;

	s->length = 0;
	if (c == '"')
		s->state = SCAN_TEXT;
	else if (c == '{' || c == '[') {
		if (++s->depth > s->depth_max)
			return refuse(s, "nested too deeply");
	} else if (c == '}' || c == ']')
		s->depth--;
	else if (in_run(c))
		s->length = run + 1;
	else if (c != ',' && c != ' ' && c != ':' && c != '\n' && c != '\t' && c != '\r')
		return refuse(s, c == 0 || c >= 0xfe ? "not JSON (UTF-16? convert it to UTF-8)" : "not JSON");
	return s->length > RUN_MAX ? refuse(s, "a number that is too long") : 0;
}

int
scan_feed(struct scan *s, const void *bytes, size_t size)
{
	static int (*const states[])(struct scan *, unsigned char) = {
		[SCAN_OUTSIDE] = outside, [SCAN_TEXT] = text, [SCAN_ESCAPE] = escape, [SCAN_HEX] = hex
	};
	const unsigned char *p = bytes, *end = p + size;

	for (; p < end; p++, s->offset++) {
		if (s->state != SCAN_OUTSIDE && ++s->length > s->length_max)
			return refuse(s, "a string that is too long");
		if (states[s->state](s, *p) < 0)
			return -1;
	}
	return 0;
}

void
keys_open(struct keys *k)
{
	k->levels = mem_room(k->levels, &k->level_room, k->depth + 1, sizeof *k->levels);
	k->levels[k->depth++] = (struct keys_level){ k->count, k->used };
}

void
keys_put(struct keys *k, const char *key, size_t size, size_t offset)
{
	k->list = mem_room(k->list, &k->list_room, k->count + 1, sizeof *k->list);
	k->text = mem_room(k->text, &k->room, k->used + size + 1, 1);
	memcpy(k->text + k->used, key, size);
	k->list[k->count++] = (struct keys_entry){ k->used, size, offset };
	k->used += size;
}

static int
compare(const void *a, const void *b, void *texts)
{
	const char *text = texts;
	const struct keys_entry *x = a, *y = b;
	size_t n = x->size < y->size ? x->size : y->size;
	int order = memcmp(text + x->start, text + y->start, n);

	return order ? order : (x->size > y->size) - (x->size < y->size);
}

int
keys_close(struct keys *k)
{
	struct keys_level level = k->levels[--k->depth];
	struct keys_entry *list;	/* NULL until the first key */
	size_t i, n = k->count - level.count;

	k->count = level.count;
	k->used = level.used;
	if (n < 2)
		return 0;
	list = k->list + level.count;
	qsort_r(list, n, sizeof *list, compare, k->text);
	for (i = 1; i < n; i++)
		if (compare(&list[i - 1], &list[i], k->text) == 0) {
			size_t later = list[i - 1].offset > list[i].offset ? list[i - 1].offset : list[i].offset;

			return err(ERR_DATA, "byte %zu: the key '%.*s' occurs twice", later,
				(int)(list[i].size < 200 ? list[i].size : 200), k->text + list[i].start);
		}
	return 0;
}

void
keys_free(struct keys *k)
{
	free(k->text);
	free(k->list);
	free(k->levels);
	*k = (struct keys){ 0 };
}
