/* table - the label of an image from a table of lines "name label": the only reader of such tables */
#include "dataset/table.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Names of columns: a first line of one from each list is no row. */
static const char *const name_columns[] = {
	"file", "filename", "file_name", "filepath", "path", "name", "image", "image_name", "image_path", "image_id",
	    "img",
	"id", "key", NULL
};
static const char *const label_columns[] = {
	"label", "labels", "class", "classes", "class_name", "class_id", "category", "category_id", "target", NULL
};

static bool
is_in(const char *const *list, const char *text)
{
	for (; *list; list++)
		if (strcasecmp(*list, text) == 0)
			return true;
	return false;
}

/* Whether the first n bytes of a text end in the suffix of an image. */
static bool
ends_as_image(const char *text, size_t n)
{
	char part[24];
	size_t m = n < sizeof part - 1 ? n : sizeof part - 1;
	int stem;

	memcpy(part, text + n - m, m);
	part[m] = 0;
	return key_stem(part, &stem)[stem] != 0;
}

/* The separator of the fields of a line. */
static char
separator(const char *line)
{
	size_t i, first = strcspn(line, " ,;");

	if (strchr(line, '\t'))
		return '\t';
	if (*line == '"') {
		const char *end = strchr(line + 1, '"');

		while (end && end[1] == '"')
			end = strchr(end + 2, '"');
		return end && end[1] ? end[1] : ' ';
	}
	for (i = first; line[i]; i++)
		if (strchr(" ,;", line[i]) && ends_as_image(line, i))
			return line[i];
	return line[first] ? line[first] : ' ';
}

/* Remove the blanks around a text, in place. */
static char *
trim(char *text)
{
	size_t n;

	text += strspn(text, " \t");
	n = strlen(text);
	while (n > 0 && strchr(" \t", text[n - 1]))
		text[--n] = 0;
	return text;
}

/* Cut the first field off a line, in place: its text, trimmed and without quotes. `name`: it ends at a separator after
   an image suffix, if there is one. NULL: an open quote, or text after the quote. */
static char *
cut_field(char **line, char separator, bool name)
{
	char *at = *line + strspn(*line, " "), *end, *to = at;

	if (*at == '"') {
		for (end = at + 1; *end && (*end != '"' || end[1] == '"'); *to++ = *end++)
			end += *end == '"';
		if (!*end || (end[1] && end[1] != separator && !(separator == '\t' && end[1] == ' ')))
			return NULL;
		end += 1 + strcspn(end + 1, (char[2]){ separator, 0 });
		*line = end + (*end != 0);
		*to = 0;
		return at;
	}
	end = at + strcspn(at, (char[2]){ separator, 0 });
	if (name && separator != '\t') {
		while (*end && !ends_as_image(at, (size_t)(end - at)))
			end += 1 + strcspn(end + 1, (char[2]){ separator, 0 });
		if (!*end)
			end = at + strcspn(at, (char[2]){ separator, 0 });
	}
	*line = end + (*end != 0);
	*end = 0;
	return trim(at);
}

/* Whether all fields of a line separated by blanks are numbers. */
static bool
all_numbers(const char *line)
{
	char *end;

	for (line += strspn(line, " "); *line; line = end + strspn(end, " ")) {
		strtod(line, &end);
		if (end == line || (*end && *end != ' '))
			return false;
	}
	return true;
}

/* Whether a line has fields, and all are 0, 1 or -1. */
static bool
all_flags(const char *line, char separator)
{
	const char blanks[] = { ' ', '"', separator, 0 };
	const char *begin = line += strspn(line, blanks);
	char *end;

	for (; *line; line = end + strspn(end, blanks)) {
		const double x = strtod(line, &end);

		if (end == line || (*end && !strchr(blanks, *end)) || (x != 0 && x != 1 && x != -1))
			return false;
	}
	return line > begin;
}

/* Split a line, in place. *flags: its label and all further fields are 0, 1 or -1. NULL, or the reason why it is no
   row. */
static const char *
split(char *line, char **name, char **label, bool *flags)
{
	const char by = separator(line);
	char *rest = line, *begin;

	*name = cut_field(&rest, by, true);
	begin = rest + strspn(rest, " ");
	if (!*name)
		return "a quote without its end";
	if (by == ' ' && *begin && *begin != '"' && !all_numbers(begin + strcspn(begin, " "))) {
		*label = trim(begin);
		return **name ? NULL : "no name";
	}
	*label = cut_field(&rest, by, false);
	if (!*label)
		return "a quote without its end";
	*flags = all_flags(*label, by) && all_flags(rest, by);
	return !**name ? "no name" : !**label ? "no class" : NULL;
}

static int
add(struct table *t, const char *path, long line, const char *text, const char *label)
{
	const char *slashes = key_slashes(&t->text, text), *name = slashes ? slashes : key_plain(text);
	uint32_t hash;
	long at = -1, i;

	hash = lookup_bytes(name, strlen(name));
	label = utf8_escape(&t->text, label, strlen(label));
	while ((i = lookup_next(&t->keys.by_path, hash, &at)) >= 0) {
		if (strcmp(t->rows[i].name, name) != 0)
			continue;
		if (strcmp(t->rows[i].label, label) != 0)
			return err(ERR_DATA, "%s: line %ld: '%s' has two labels, '%s' in line %ld and '%s'", path,
			    line, name,
				t->rows[i].label, t->rows[i].line, label);
		if (t->repeated++ == 0)
			t->first_repeated = t->rows[i].name;
		return 0;
	}
	t->rows = mem_room(t->rows, &t->room, (size_t)t->count + 1, sizeof *t->rows);
	t->rows[t->count] = (struct table_row){ arena_text(&t->text, name), label, line };
	key_add(&t->keys, t->rows[t->count++].name);
	return 0;
}

static int
take_line(struct table *t, const char *path, long number, char *line)
{
	char *name, *label;
	const char *error;
	bool comment, flags = false;

	line = *line == ' ' && !strchr(line, '\t') ? line + strspn(line, " ") : line;
	comment = *line == '#';
	if (!line[strspn(line, " \t")])
		return 0;
	error = split(line, &name, &label, &flags);
	if (comment && (error || strchr("# \t", name[1]) || !ends_as_image(name, strlen(name))))
		return 0;
	if (error)
		return err(ERR_DATA, "%s: line %ld: %s in the line '%.80s'; a row is a name and a label", path,
		    number, error,
			line);
	if (t->count == 0 && is_in(name_columns, name) && is_in(label_columns, label))
		return 0;
	t->flag_rows += flags;
	t->other_rows += !flags && t->count > 0;
	if (add(t, path, number, name, label) < 0)
		return -1;
	if (flags && !t->first_flag_row)
		t->first_flag_row = t->rows[t->count - 1].name;
	return 0;
}

/* Remove the negative labels of a column of numbers. */
static int
drop_negative(struct table *t, const char *path)
{
	bool one = false, others = false;
	long i;

	for (i = 0; i < t->count; i++) {
		char *end;
		const double x = strtod(t->rows[i].label, &end);

		if (end == t->rows[i].label || *end || !isfinite(x))
			return 0;
		one |= x == 1;
		others |= x != 1 && x != -1;
	}
	for (i = 0; i < t->count && (others || !one); i++)
		if (strtod(t->rows[i].label, NULL) < 0) {
			t->rows[i].label = NULL;
			if (t->unlabeled++ == 0)
				t->first_unlabeled = t->rows[i].name;
		}
	return t->unlabeled < t->count ? 0 : err(ERR_DATA, "%s: all labels are negative numbers, which mean that "
		"there is none", path);
}

int
table_read(struct table *t, const char *path)
{
	size_t size;
	char *text = file_read(path, 0, &size), *line, *next;
	long number = 0;
	int result = 0;

	if (!text)
		return -1;
	if (strlen(text) < size)
		result = err(ERR_DATA,
		    "%s: not a table of names and labels: it contains a zero byte (UTF-16? convert it to UTF-8)",
			path);
	line = text + utf8_mark(text, size);
	for (; *line && result == 0; line = next) {
		next = line + strcspn(line, "\r\n");
		number++;
		if (next[0] == '\r' && next[1] == '\n')
			*next++ = 0;
		if (*next)
			*next++ = 0;
		result = take_line(t, path, number, line);
	}
	if (result == 0 && t->count == 0)
		result = err(ERR_DATA, "%s: no row with a name and a label", path);
	if (result == 0)
		result = drop_negative(t, path);
	free(text);
	return result;
}

long
table_find(const struct table *t, const char *name)
{
	return key_find(&t->keys, name);
}

long
table_flag_rows(const struct table *t)
{
	return t->other_rows == 0 ? t->flag_rows : 0;
}

void
table_free(struct table *t)
{
	free(t->rows);
	key_free(&t->keys);
	arena_free(&t->text);
	*t = (struct table){ 0 };
}
