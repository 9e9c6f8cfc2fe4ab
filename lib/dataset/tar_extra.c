/* tar_extra - what extended headers say about the next member of a tar archive

   pax records are "LENGTH key=value" and a newline; the length counts itself. Source: POSIX.1-2001, pax. */
#include "dataset/tar_extra.h"
#include "base/mem.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *
take(struct tar_extra *x, const char *key, const char *value)
{
	char *end;

	if (strcmp(key, "path") == 0) {
		free(x->name);
		x->name = mem_text(value);
	} else if (strcmp(key, "size") == 0) {
		errno = 0;
		x->size = isdigit((unsigned char)*value) ? strtoll(value, &end, 10) : -1;
		if (x->size < 0 || *end || errno)
			return "a pax size that is not a number";
	} else if (strncmp(key, "GNU.sparse.", strlen("GNU.sparse.")) == 0) {
		return "a sparse member, which is not read";
	}
	return NULL;
}

const char *
tar_extra_pax(struct tar_extra *x, char *text, size_t size)
{
	const char *wrong = NULL;
	size_t at = 0;

	while (at < size && !wrong) {
		char *p = text + at, *key, *value;
		long n = isdigit((unsigned char)*p) ? strtol(p, &key, 10) : 0;

		/* "5 x=" and a newline is the shortest */
		if (n < 5 || (size_t)n > size - at || *key != ' ' || p[n - 1] != '\n')
			return "a malformed pax record";
		p[n - 1] = 0;
		value = strchr(++key, '=');
		if (!value)
			return "a malformed pax record";
		*value++ = 0;
		wrong = take(x, key, value);
		at += (size_t)n;
	}
	return wrong;
}
