/* opt_value - the value of an option: read from a text, checked, shown as a text that reads as the same value */
#include "base/err.h"
#include "base/opt.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
wrong(const struct opt *o, const char *text, const char *expected)
{
	return err(ERR_USAGE, "%s: '%s' is not %s", o->name, text, expected);
}

static int
set_choice(const struct opt *o, const char *text)
{
	const char *s = o->values;
	size_t n = strlen(text);
	int i;

	for (i = 0; s; i++, s = strchr(s, '|') ? strchr(s, '|') + 1 : NULL)
		if (strncmp(s, text, n) == 0 && (s[n] == '|' || s[n] == 0) && n > 0) {
			*(int *)o->to = i;
			return 0;
		}
	return err(ERR_USAGE, "%s: '%s' is not one of %s", o->name, text, o->values);
}

static int
set_flag(const struct opt *o, const char *text)
{
	static const char *const on[] = { "on", "yes", "true", "1" }, *const off[] = { "off", "no", "false", "0" };
	int i;

	for (i = 0; i < 4; i++)
		if (strcmp(text, on[i]) == 0 || strcmp(text, off[i]) == 0) {
			*(bool *)o->to = strcmp(text, on[i]) == 0;
			return 0;
		}
	return wrong(o, text, "on or off");
}

/* The number that a text begins with, and what follows it; NULL: there is none. */
static const char *
read_number(const char *text, double *x)
{
	char *end;

	errno = 0;
	*x = strtod(text, &end);
	return end == text || errno == ERANGE || !isfinite(*x) ? NULL : end;
}

/* The factor of a suffix; 0: it is none of this type's. */
static double
scale(enum opt_type type, const char *suffix)
{
	static const char letters[] = "kMGT";
	const char *letter = *suffix ? strchr(letters, *suffix == 'K' ? 'k' : *suffix) : NULL;
	bool binary = letter && suffix[1] == 'i';
	int power = letter ? (int)(letter - letters) + 1 : 0;

	if (type == OPT_REAL)
		return *suffix == 0;
	if (type == OPT_INT)
		return !*suffix || (letter && *suffix != 'K' && *suffix != 'T' && !suffix[1]) ? pow(1000, power) : 0;
	suffix += !!letter + binary;
	suffix += *suffix == 'B';
	return *suffix ? 0 : pow(binary ? 1024 : 1000, power);
}

static int
set_number(const struct opt *o, const char *text)
{
	const char *kind = o->type == OPT_REAL ? "a number" : o->type == OPT_INT ? "a whole number" :
		"a number of bytes (such as 64M, 1.5GiB)";
	double x, times;
	const char *end = read_number(text, &x);

	if (!end)
		return wrong(o, text, o->type == OPT_BYTES ? kind : "a number");
	times = scale(o->type, end);
	x *= times;
	if (times == 0 || (o->type != OPT_REAL && x != floor(x)))
		return wrong(o, text, kind);
	if (x < o->min || x > o->max)
		return err(ERR_USAGE, "%s: %s is outside %.10g .. %.10g", o->name, text, o->min, o->max);
	if (o->type == OPT_REAL)
		*(double *)o->to = x;
	else
		*(long *)o->to = (long)x;
	return 0;
}

static int
set_range(const struct opt *o, const char *text)
{
	double low, high, *range = o->to;
	const char *comma = read_number(text, &low),
		   *end = comma && *comma == ',' ? read_number(comma + 1, &high) : NULL;

	if (!end || *end || !(low > o->min && low <= high && high <= o->max))
		return err(ERR_USAGE, "%s: '%s' is not LOW,HIGH with %.10g < LOW <= HIGH <= %.10g", o->name, text,
			o->min, o->max);
	range[0] = low;
	range[1] = high;
	return 0;
}

static int
set_list(const struct opt *o, const char *text)
{
	struct opt_list list = { 0 };
	const char *end = text;

	while (*end) {
		double x;

		end = read_number(end, &x);
		if (!end || (*end && (*end != ',' || !end[1])) || list.count == OPT_LIST_MAX)
			return err(ERR_USAGE, "%s: '%s' is not a list of up to %d numbers joined by commas", o->name,
				text, OPT_LIST_MAX);
		if (x < o->min || x > o->max)
			return err(ERR_USAGE, "%s: %g is outside %.10g .. %.10g", o->name, x, o->min, o->max);
		list.x[list.count++] = x;
		end += *end == ',';
	}
	*(struct opt_list *)o->to = list;
	return 0;
}

/* The whole number that a text begins with, in digits alone, and what follows it; NULL: there is none. */
static const char *
read_digits(const char *text, long *n)
{
	char *end;

	*n = isdigit((unsigned char)*text) ? strtol(text, &end, 10) : -1;
	return *n < 0 ? NULL : end;
}

static int
set_size(const struct opt *o, const char *text)
{
	long width, height, *size = o->to;
	const char *end = read_digits(text, &width);

	height = width;
	if (end && *end == 'x')
		end = read_digits(end + 1, &height);
	if (!end || *end || (double)width < o->min || (double)width > o->max || (double)height < o->min ||
	    (double)height > o->max)
		return err(ERR_USAGE, "%s: '%s' is not N or WxH, each from %.10g to %.10g", o->name, text, o->min,
		    o->max);
	size[0] = width;
	size[1] = height;
	return 0;
}

int
opt_set(const struct opt *o, const char *text)
{
	switch (o->type) {
	case OPT_FLAG: return set_flag(o, text);
	case OPT_CHOICE: return set_choice(o, text);
	case OPT_INT:
	case OPT_BYTES:
	case OPT_REAL: return set_number(o, text);
	case OPT_RANGE: return set_range(o, text);
	case OPT_LIST: return set_list(o, text);
	case OPT_SIZE: return set_size(o, text);
	case OPT_PATH:
		if (!*text)
			return err(ERR_USAGE, "%s: the name of the file or folder is empty", o->name);
		/* fall through */
	case OPT_TEXT: *(const char **)o->to = text; return 0;
	}
	assert(!"an option of unknown type");
	return -1;
}

char *
opt_show_real(double x, char *text, size_t size)
{
	int digits = 10;

	do
		snprintf(text, size, "%.*g", digits, x);
	while (++digits <= 17 && strtod(text, NULL) != x);
	return text;
}

static void
show_list(const struct opt_list *list, char *text, size_t size)
{
	size_t used = 0;
	int i;

	*text = 0;
	for (i = 0; i < list->count && used + 1 < size; i++) {
		if (i > 0)
			text[used++] = ',';
		opt_show_real(list->x[i], text + used, size - used);
		used += strlen(text + used);
	}
}

char *
opt_show(const struct opt *o, char *text, size_t size)
{
	const char *s = o->values;
	const double *range = o->to;
	const long *pixels = o->to;
	int i;

	switch (o->type) {
	case OPT_FLAG: snprintf(text, size, "%s", *(bool *)o->to ? "on" : "off"); break;
	case OPT_INT:
	case OPT_BYTES: snprintf(text, size, "%ld", *(long *)o->to); break;
	case OPT_REAL: opt_show_real(*(double *)o->to, text, size); break;
	case OPT_RANGE:
		*text = 0;
		if (range[0] > o->min)
			snprintf(text, size, "%.10g,%.10g", range[0], range[1]);
		break;
	case OPT_LIST: show_list(o->to, text, size); break;
	case OPT_SIZE:
		i = snprintf(text, size, "%ld", pixels[0]);
		if (pixels[1] != pixels[0] && i > 0 && (size_t)i < size)
			snprintf(text + i, size - (size_t)i, "x%ld", pixels[1]);
		break;
	case OPT_PATH:
	case OPT_TEXT: snprintf(text, size, "%s", *(const char **)o->to ? *(const char **)o->to : ""); break;
	case OPT_CHOICE:
		for (i = *(int *)o->to; i > 0; i--)
			s = strchr(s, '|') + 1;
		snprintf(text, size, "%.*s", (int)strcspn(s, "|"), s);
		break;
	}
	return text;
}
