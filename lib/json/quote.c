/* quote - a text as a JSON string */
#include "base/mem.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 sequence at s, 0 if it is none (overlong, surrogate, cut, beyond U+10FFFF). */
static int
sequence(const unsigned char *s)
{
	unsigned char c = s[0], low = 0x80, high = 0xbf;
	int i, n = c < 0x80 ? 1 : c >= 0xc2 && c <= 0xdf ? 2 : (c & 0xf0) == 0xe0 ? 3 : c >= 0xf0 && c <= 0xf4 ? 4 : 0;

	if (c == 0xe0)
		low = 0xa0;
	else if (c == 0xed)
		high = 0x9f;
	else if (c == 0xf0)
		low = 0x90;
	else if (c == 0xf4)
		high = 0x8f;
	for (i = 1; i < n; i++, low = 0x80, high = 0xbf)
		if (s[i] < low || s[i] > high)
			return 0;
	return n;
}

char *
json_quote(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	/* at worst each byte becomes \u00XX */
	char *quoted = mem_new(6 * strlen(text) + 3), *to = quoted;
	int n;

	for (*to++ = '"'; *s; s += n ? n : 1) {
		n = sequence(s);
		if (n == 0)
			to += sprintf(to, "\\ufffd");
		else if (*s == '"' || *s == '\\')
			to += sprintf(to, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			to += sprintf(to, "\\u%04x", *s);
		else
			memcpy(to, s, (size_t)n), to += n;
	}
	*to++ = '"';
	return quoted;
}
