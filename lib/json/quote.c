/* quote - a text as a JSON string */
#include "base/mem.h"
#include "base/utf8.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

char *
json_quote(const char *text)
{
	const unsigned char *s = (const unsigned char *)text, *end = s + strlen(text);
	/* at worst each byte becomes \u00XX */
	char *quoted = mem_new(6 * strlen(text) + 3), *to = quoted;
	size_t n;

	for (*to++ = '"'; *s; s += n ? n : 1) {
		n = utf8_length(s, (size_t)(end - s));
		if (n == 0)
			to += sprintf(to, "\\ufffd");
		else if (*s == '"' || *s == '\\')
			to += sprintf(to, "\\%c", *s);
		else if (*s < 0x20 || *s == 0x7f)
			to += sprintf(to, "\\u%04x", *s);
		else
			memcpy(to, s, n), to += n;
	}
	*to++ = '"';
	return quoted;
}
