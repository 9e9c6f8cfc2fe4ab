/* err - the last error of this thread: one line of text and an exit status */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char text[2048];	/* a line; longer ones are cut */
static _Thread_local int status_set;

char *
err_plain(char *line)
{
	char *p;

	for (p = line; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	return line;
}

int
err(int status, const char *format, ...)
{
	va_list ap;
	char line[sizeof text];

	va_start(ap, format);
	vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	memcpy(text, err_plain(line), sizeof text);
	status_set = status;
	return -1;
}

int
err_in(const char *format, ...)
{
	va_list ap;
	char line[sizeof text];
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof line, format, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof line)
		snprintf(line + n, sizeof line - (size_t)n, ": %.*s", (int)(sizeof text - 3), text);
	memcpy(text, err_plain(line), sizeof text);
	return -1;
}

const char *
err_text(void)
{
	return text;
}

int
err_status(void)
{
	return status_set;
}
