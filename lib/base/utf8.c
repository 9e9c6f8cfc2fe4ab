/* utf8 - validity of UTF-8, and file names (arbitrary bytes) escaped to UTF-8 */
#include "base/utf8.h"

#include <string.h>

const struct utf8_form *
utf8_form(unsigned char first)
{
	static const struct utf8_form table[] = {
		{ 0x00, 0x7f, 0x80, 0xbf, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }
	};
	size_t i;

	for (i = 0; i < sizeof table / sizeof *table; i++)
		if (first >= table[i].first && first <= table[i].last)
			return &table[i];
	return NULL;
}

size_t
utf8_length(const void *text, size_t size)
{
	const unsigned char *p = text;
	const struct utf8_form *f = size > 0 ? utf8_form(*p) : NULL;
	size_t k;

	if (!f || f->length > size)
		return 0;
	for (k = 1; k < f->length; k++)
		if (p[k] < (k == 1 ? f->low : 0x80) || p[k] > (k == 1 ? f->high : 0xbf))
			return 0;
	return f->length;
}

size_t
utf8_mark(const void *text, size_t size)
{
	return size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

char *
utf8_escape(struct arena *a, const char *name, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)name;
	char *text = arena_get(a, mem_sum(mem_product(size, 4), 1)), *to = text;

	while (size > 0) {
		size_t n = utf8_length(p, size);

		if (n == 0) {
			*to++ = '\\';
			*to++ = 'x';
			*to++ = digits[*p >> 4];
			*to++ = digits[*p & 15];
			n = 1;
		} else {
			if (*p == '\\')
				*to++ = '\\';
			memcpy(to, p, n);
			to += n;
		}
		p += n;
		size -= n;
	}
	*to = 0;
	return text;
}

/* Value of a hexadecimal digit, -1 for another character. */
static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *
utf8_unescape(struct arena *a, const char *text)
{
	char *name = arena_text(a, text), *to = name;

	for (; *text; text++)
		if (*text != '\\' || !text[1])
			*to++ = *text;
		else if (text[1] == 'x' && digit(text[2]) >= 0 && digit(text[3]) >= 0) {
			*to++ = (char)(digit(text[2]) * 16 + digit(text[3]));
			text += 3;
		} else
			*to++ = *++text;
	*to = 0;
	return name;
}
