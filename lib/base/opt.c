/* opt - options as a table: command lines, settings and files of settings; opt_value.c has the values */
#include "base/opt.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
	ROWS_MAX = 128,		/* options of one tool, all tables together */
	LINE_MAX_BYTES = 4096	/* a line of a configuration file */
};

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
	bool stays;

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
	stays = row && (row->type == OPT_TEXT || row->type == OPT_PATH);
	return opt_assign(table, stays ? arena_text(&text_lines, setting) : setting);
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
			result = load_line(table, line + (number == 1 ? utf8_mark(line, strlen(line)) : 0));
		if (result < 0)
			err_in("%s:%d", path, number);
	}
	if (result == 0 && ferror(f))
		result = err(file_status(errno), "%s: %s", path, strerror(errno));
	fclose(f);
	return result;
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
