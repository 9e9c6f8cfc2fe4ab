/* opt - options as a table: one row is the letter, the long name, where the value goes, its range and its help */
#include "base/opt.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MAX = 128,		/* options of one tool, all tables together */
	LINE_MAX_BYTES = 4096	/* a line of a configuration file */
};

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
	case OPT_TEXT: *(const char **)o->to = text; return 0;
	}
	assert(!"an option of unknown type");
	return -1;
}

const struct opt *
opt_find(const struct opt *table, const char *name)
{
	for (; table->name; table++)
		if (strcmp(table->name, name) == 0)
			return table;
	return NULL;
}

/* Levenshtein distance, for "did you mean"; names are short */
static int
distance(const char *a, const char *b)
{
	enum { LONGEST = 64 };
	int row[LONGEST + 1], i, j, la = (int)strnlen(a, LONGEST), lb = (int)strnlen(b, LONGEST);

	for (j = 0; j <= lb; j++)
		row[j] = j;
	for (i = 1; i <= la; i++) {
		int corner = row[0];

		row[0] = i;
		for (j = 1; j <= lb; j++) {
			int d = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			if (row[j] + 1 < d)
				d = row[j] + 1;
			if (row[j - 1] + 1 < d)
				d = row[j - 1] + 1;
			row[j] = d;
		}
	}
	return row[lb];
}

static int
unknown(const struct opt *const *tables, const char *what, const char *name)
{
	const struct opt *o;
	const char *best = NULL;
	int least = 4;	/* further away is no suggestion */

	for (; *tables; tables++)
		for (o = *tables; o->name; o++)
			if (distance(o->name, name) < least) {
				least = distance(o->name, name);
				best = o->name;
			}
	if (best)
		return err(ERR_USAGE, "unknown %s '%s': did you mean '%s'?", what, name, best);
	return err(ERR_USAGE, "unknown %s '%s'", what, name);
}

int
opt_assign(const struct opt *table, const char *assignment)
{
	const struct opt *tables[] = { table, NULL }, *o;
	const char *equals = strchr(assignment, '=');
	char name[64];

	if (!equals || equals == assignment || (size_t)(equals - assignment) >= sizeof name)
		return err(ERR_USAGE, "'%s' is not of the form name=value", assignment);
	snprintf(name, sizeof name, "%.*s", (int)(equals - assignment), assignment);
	o = opt_find(table, name);
	return o ? opt_set(o, equals + 1) : unknown(tables, "setting", name);
}

static char *
trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	for (end = s + strlen(s); end > s && strchr(" \t\r\n", end[-1]); end--)
		;
	*end = 0;
	return s;
}

/* Lines of text settings, which stay until the program ends. */
static struct arena text_lines;

static int
load_line(const struct opt *table, char *line)
{
	const struct opt *row;
	char *comment = strchr(line, '#'), *equals, setting[LINE_MAX_BYTES];

	if (comment)
		*comment = 0;
	line = trim(line);
	if (!*line)
		return 0;
	equals = strchr(line, '=');
	if (!equals)
		return err(ERR_USAGE, "'%s' is not of the form name = value", line);
	*equals = 0;
	line = trim(line);
	row = opt_find(table, line);
	snprintf(setting, sizeof setting, "%s=", line);
	strncat(setting, trim(equals + 1), sizeof setting - strlen(setting) - 1);
	/* a text setting points into its line */
	return opt_assign(table, row && row->type == OPT_TEXT ? arena_text(&text_lines, setting) : setting);
}

int
opt_load(const struct opt *table, const char *path)
{
	FILE *f = file_open_stream(path);
	char line[LINE_MAX_BYTES];
	int number = 0, result = 0;

	if (!f)
		return -1;
	while (result == 0 && fgets(line, sizeof line, f)) {
		number++;
		if (!strchr(line, '\n') && !feof(f))
			result = err(
				ERR_USAGE, "a line of more than %d bytes, or with a zero byte", LINE_MAX_BYTES - 2);
		else
			result = load_line(table, line);
		if (result < 0)
			err_in("%s:%d", path, number);
	}
	if (result == 0 && ferror(f))
		result = err(file_status(errno), "%s: %s", path, strerror(errno));
	fclose(f);
	return result;
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
	case OPT_TEXT: snprintf(text, size, "%s", *(const char **)o->to ? *(const char **)o->to : ""); break;
	case OPT_CHOICE:
		for (i = *(int *)o->to; i > 0; i--)
			s = strchr(s, '|') + 1;
		snprintf(text, size, "%.*s", (int)strcspn(s, "|"), s);
		break;
	}
	return text;
}

int
opt_parse(const struct opt *const *tables, int argc, char **argv)
{
	const struct opt *row[ROWS_MAX] = { NULL }, *const *t, *o;
	struct option longs[ROWS_MAX + 1] = { { 0 } };
	char shorts[2 * ROWS_MAX + 2] = ":", *s = shorts + 1;
	int n = 0, c, i, index;

	for (t = tables; *t; t++)
		for (o = *t; o->name; o++) {
			assert(n < ROWS_MAX);
			row[n] = o;
			longs[n] = (struct option){ o->name, o->type == OPT_FLAG ? no_argument : required_argument,
				NULL, 256 + n };
			n++;
			if (o->letter) {
				*s++ = o->letter;
				if (o->type != OPT_FLAG)
					*s++ = ':';
			}
		}
	*s = 0;
	opterr = 0;
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, &index)) != -1) {
		if (c == ':')
			return err(ERR_USAGE, "option '%s' needs a value", argv[optind - 1]);
		for (i = 0, o = NULL; i < n && !o; i++)
			if (c == 256 + i || (c != '?' && row[i]->letter == c))
				o = row[i];
		if (!o && optopt && optopt < 256)
			return err(ERR_USAGE, "unknown option '-%c'", optopt);
		if (!o && optopt >= 256)
			return err(ERR_USAGE, "option '--%s' takes no value", row[optopt - 256]->name);
		if (!o) {
			char name[64];

			snprintf(name, sizeof name, "%.*s", (int)strcspn(argv[optind - 1], "="), argv[optind - 1]);
			return unknown(tables, "option", name + strspn(name, "-"));
		}
		if (o->type == OPT_FLAG)
			*(bool *)o->to = true;
		else if (opt_set(o, optarg) < 0)
			return -1;
	}
	return optind;
}
