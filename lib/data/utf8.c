/* utf8 - names of files, which are any bytes, as the valid UTF-8 that keys must be */
#include "data/utf8.h"

#include <string.h>

/* Length of the valid sequence at p, 0 if there is none: RFC 3629, section 4 (no overlong forms, no surrogates). */
static size_t
sequence(const unsigned char *p, size_t room)
{
	static const struct { unsigned char first, last, low, high; size_t length; } table[] = {
		{ 0x00, 0x7f, 0x80, 0xbf, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 }
	};
	size_t i, k;

	for (i = 0; i < sizeof table / sizeof *table; i++) {
		if (*p < table[i].first || *p > table[i].last)
			continue;
		if (table[i].length > room)
			return 0;
		for (k = 1; k < table[i].length; k++)
			if (p[k] < (k == 1 ? table[i].low : 0x80) || p[k] > (k == 1 ? table[i].high : 0xbf))
				return 0;
		return table[i].length;
	}
	return 0;
}

char *
utf8_escape(struct arena *a, const char *name, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = (const unsigned char *)name;
	char *text = arena_get(a, 4 * size + 1), *to = text;

	while (size > 0) {
		size_t n = sequence(p, size);

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
