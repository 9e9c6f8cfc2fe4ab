/* encoding - XML files in other encodings than UTF-8 to UTF-8 (by iconv) */
#include "dataset/encoding.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <iconv.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NAME = 40, DECLARATION = 200 };	/* bytes of the name of an encoding, and of an XML declaration */

/* The encoding of the XML declaration; "": none. */
static void
declared(const char *bytes, size_t size, char name[NAME])
{
	char head[DECLARATION], *at, *end;
	size_t n = size < sizeof head - 1 ? size : sizeof head - 1;

	*name = 0;
	memcpy(head, bytes, n);
	head[n] = 0;
	end = strstr(head, "?>");
	at = strncmp(head, "<?xml", 5) == 0 && end ? strstr(head, "encoding") : NULL;
	if (!at || at > end)
		return;
	at += strcspn(at, "\"'");
	n = *at ? strcspn(at + 1, "\"'") : 0;
	if (n < NAME) {
		memcpy(name, at + 1, n);
		name[n] = 0;
	}
}

static bool
is_utf8(const char *bytes, size_t size)
{
	size_t at = 0, n = 1;

	for (; at < size && n; at += n)
		n = utf8_length(bytes + at, size - at);
	return at >= size && n;
}

/* Convert; bytes that have no character become '?' if `always`, else NULL. */
static char *
convert(const char *from, const char *bytes, size_t size, size_t *to_size, bool always)
{
	iconv_t c = iconv_open("UTF-8", from);
	size_t room = mem_sum(mem_product(size, 4), 8), left = room, in = size;
	char *to, *out, *at = (char *)bytes;

	if (c == (iconv_t)-1)
		return NULL;
	out = to = mem_new(room);
	while (in > 0 && iconv(c, &at, &in, &out, &left) == (size_t)-1) {
		if (!always || left < 8)
			break;
		*out++ = '?';
		left--;
		at++;
		in--;
	}
	iconv_close(c);
	*to_size = room - left;
	if (in == 0)
		return to;
	free(to);
	return NULL;
}

/* Blank out the encoding of the declaration, which is no longer true: the converted text is as long as before it. */
static void
undeclare(char *text)
{
	char *end = strstr(text, "?>"), *at = strstr(text, "encoding");

	if (at && end && at < end)
		memset(at, ' ', (size_t)(end - at));
}

char *
encoding_to_utf8(const char *bytes, size_t size, size_t *to_size, bool *guessed, int *result)
{
	char name[NAME], *to;
	iconv_t known;

	*guessed = false;
	*result = 0;
	/* UTF-16, which expat knows by its mark or its zero bytes */
	if (size >= 2 && (memchr(bytes, 0, size < 4 ? size : 4) || (unsigned char)*bytes >= 0xfe))
		return NULL;
	declared(bytes, size, name);
	if (!*name || strcasecmp(name, "utf-8") == 0 || strcasecmp(name, "utf8") == 0 || strcasecmp(name,
	    "us-ascii") == 0
		|| strcasecmp(name, "ascii") == 0) {
		if (is_utf8(bytes, size) && (!*name || strcasecmp(name, "utf-8") == 0))
			return NULL;
		to = is_utf8(bytes, size) ? convert("UTF-8", bytes, size, to_size, false) : NULL;
	} else {
		known = iconv_open("UTF-8", name);
		if (known == (iconv_t)-1) {
			*result = err(ERR_DATA, "line 1: the encoding '%s' is unknown; convert the file to UTF-8",
			    name);
			return NULL;
		}
		iconv_close(known);
		to = convert(name, bytes, size, to_size, false);
	}
	if (!to) {
		*guessed = true;
		to = convert("CP1252", bytes, size, to_size, true);
		if (!to)
			return NULL;
	}
	undeclare(to);
	return to;
}
