/* glibc_checked - what static libraries that were compiled for glibc need beside musl's functions: the checked ones of
   _FORTIFY_SOURCE, without their checks, and glibc's table of ctype.h */
#include <ctype.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__memcpy_chk(void *to, const void *from, size_t size, size_t room);
int __snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...);
int __sprintf_chk(char *text, int flag, size_t room, const char *format, ...);
int __fprintf_chk(FILE *f, int flag, const char *format, ...);
const unsigned short **__ctype_b_loc(void);
void arc4random_buf(void *bytes, size_t size);

void *
__memcpy_chk(void *to, const void *from, size_t size, size_t room)
{
	if (size > room)
		abort();
	return memcpy(to, from, size);
}

int
__snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...)
{
	va_list ap;
	int n;

	(void)flag, (void)room;
	va_start(ap, format);
	n = vsnprintf(text, size, format, ap);
	va_end(ap);
	return n;
}

int
__sprintf_chk(char *text, int flag, size_t room, const char *format, ...)
{
	va_list ap;
	int n;

	(void)flag;
	va_start(ap, format);
	n = vsnprintf(text, room, format, ap);
	va_end(ap);
	return n;
}

int
__fprintf_chk(FILE *f, int flag, const char *format, ...)
{
	va_list ap;
	int n;

	(void)flag;
	va_start(ap, format);
	n = vfprintf(f, format, ap);
	va_end(ap);
	return n;
}

/* Only the bit of isprint() is asked for, by MessagePack-C's printing of objects. */
const unsigned short **
__ctype_b_loc(void)
{
	enum { PRINT = 1 << 14 };
	static unsigned short table[384];
	static const unsigned short *begin = table + 128;
	int c;

	for (c = 0; c < 256; c++)
		table[128 + c] = isprint(c) ? PRINT : 0;
	return &begin;
}

/* Expat's salt of hashes: a fixed one, as tests are to be repeatable. */
void
arc4random_buf(void *bytes, size_t size)
{
	memset(bytes, 42, size);
}
