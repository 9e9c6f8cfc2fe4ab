/* listing_label - the class of each image from its folder, its archive or a table */
#include "annotation/class_list.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/listing.h"
#include "dataset/table.h"
#include "dataset/tar.h"
#include "json/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CLASS_BYTES = 1024,	/* of a class in a member */
	JSON_BYTES = 1 << 24,	/* of a member with a JSON object */
	CLASS_MAX = CLASS_LIST_MAX - 1
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Append a class that no other is equal to. -1 and err(ERR_DATA): there are too many. */
static int
add_class(struct listing *l, const char *name)
{
	return class_list_add(&l->classes, name, l->classes.count);
}

/* Number the labels (one an item, NULL: none) in bytewise order. -1 and err(ERR_DATA): too many. */
static int
number(struct listing *l, const char **labels)
{
	const char **sorted = mem_array((size_t)l->count + 1, sizeof *sorted), **found;
	long i, n = 0;
	int count = 0, result = 0;

	for (i = 0; i < l->count; i++)
		if (labels[i])
			sorted[n++] = labels[i];
	qsort(sorted, (size_t)n, sizeof *sorted, by_text);
	for (i = 0; i < n; i++)
		if (count == 0 || strcmp(sorted[count - 1], sorted[i]) != 0)
			sorted[count++] = sorted[i];
	for (i = 0; i < l->count; i++) {
		found = labels[i] ? bsearch(&labels[i], sorted, (size_t)count, sizeof *sorted, by_text) : NULL;
		l->items[i].class = found ? (int)(found - sorted) : -1;
	}
	class_list_free(&l->classes);
	for (i = 0; i < count && result == 0; i++)
		result = add_class(l, sorted[i]);
	free(sorted);
	return result;
}

/* Count the images without a label. */
static void
note_unclassed(struct listing *l)
{
	long i;

	for (i = 0; i < l->count; i++)
		if (l->items[i].class < 0)
			listing_note(l, LISTING_UNCLASSED, l->items[i].name);
}

/* Bytes of the folders that the names of all items without a folder of their own share, with the last slash. */
static size_t
shared_root(const struct listing *l)
{
	const char *first = NULL;
	size_t shared = 0, n;
	long i;

	for (i = 0; i < l->count; i++) {
		const char *name = l->items[i].name, *slash = strrchr(name, '/');

		if (l->items[i].root >= 0)
			continue;
		if (!first) {
			first = name;
			shared = slash ? (size_t)(slash - name) + 1 : 0;
		}
		for (n = 0; n < shared && name[n] == first[n]; n++)
			;
		while (n > 0 && first[n - 1] != '/')
			n--;
		shared = n;
	}
	return shared;
}

/* The last folder of a path of n bytes that ends in a slash, "images" left out: *size its bytes. */
static const char *
last_folder(const char *path, size_t n, size_t *size)
{
	const char *begin = NULL;
	int pass;

	for (*size = 0, pass = 0; pass < 2 && n > 0; pass++) {
		size_t end = n;

		while (end > 0 && path[end - 1] == '/')
			end--;
		for (n = end; n > 0 && path[n - 1] != '/'; n--)
			;
		if (end == n)
			break;
		begin = path + n;
		*size = end - n;
		if (*size != strlen("images") || memcmp(begin, "images", *size) != 0)
			break;
	}
	return begin;
}

int
listing_label_folders(struct listing *l)
{
	const char **labels = mem_array((size_t)l->count + 1, sizeof *labels), *last = NULL;
	const size_t shared = shared_root(l);
	long i, below = 0, beside = -1;
	int result;

	for (i = 0; i < l->count; i++) {
		const char *name = l->items[i].name;
		const size_t root = l->items[i].root < 0 ? shared : (size_t)l->items[i].root;
		const char *begin = name + root;
		size_t n = strcspn(begin, "/");

		if (begin[n])
			below++;
		else {
			begin = last_folder(name, root, &n);
			beside = beside < 0 ? i : beside;
		}
		if (!begin || n == 0)
			continue;
		/* neighbors mostly have the same folder: one copy of its name */
		if (!last || strncmp(last, begin, n) != 0 || last[n])
			last = utf8_escape(&l->text, begin, n);
		labels[i] = last;
	}
	result = number(l, labels);
	free(labels);
	note_unclassed(l);
	for (i = beside < 0 || below == 0 ? l->count : beside; i < l->count; i++)
		if (!strchr(l->items[i].name + (l->items[i].root < 0 ? shared : (size_t)l->items[i].root), '/'))
			listing_note(l, LISTING_BESIDE, l->items[i].name);
	return result;
}

/* The value of a field of a JSON object. */
struct json_class { const char *field; bool wanted; char *value; };

static int
take_field(void *arg, const struct json_token *t)
{
	struct json_class *c = arg;

	if (t->depth == 0 && t->kind != JSON_OBJECT && t->kind != JSON_OBJECT_END)
		return err(ERR_DATA, "not a JSON object");
	if (t->depth == 1 && t->kind == JSON_KEY) {
		c->wanted = strcmp(t->text, c->field) == 0;
		return 0;
	}
	if (t->depth != 1 || !c->wanted || t->kind == JSON_NULL)
		return 0;
	c->wanted = false;
	free(c->value);
	c->value = NULL;
	if (t->kind == JSON_INT || (t->kind == JSON_REAL && fabs(t->real) <= CLASS_MAX && t->real == rint(t->real)))
		c->value = mem_format("%lld", t->kind == JSON_INT ? (long long)t->integer : (long long)t->real);
	else if (t->kind == JSON_TEXT && strlen(t->text) == t->size)
		c->value = mem_text(t->text);
	else
		return err(ERR_DATA, "field '%s' is neither a number nor a string", c->field);
	return 0;
}

/* The class in the member of item i; free() it. NULL and *result 0: none; -1 and err(). */
static char *
read_class(const struct listing *l, long i, const char *field, int *result)
{
	const struct listing_item *item = &l->items[i];
	const struct tar *t = &l->archives[item->archive];
	struct json_class c = { field, false, NULL };
	const struct json_rules rules = { .each = take_field, .arg = &c };
	char *bytes, *begin, *at;
	size_t n = (size_t)item->class_size;

	if (item->class_size > (field ? JSON_BYTES : CLASS_BYTES)) {
		*result = err(ERR_DATA, "%d bytes are not a class", item->class_size);
		return NULL;
	}
	bytes = mem_new(n + 1);
	*result = tar_read(t, item->class_offset, bytes, n);
	begin = bytes + utf8_mark(bytes, n);
	if (*result == 0 && field) {
		*result = json_read(&rules, begin, n - (size_t)(begin - bytes));
		free(bytes);
		if (*result == 0)
			return c.value;
		free(c.value);
		return NULL;
	}
	while (n > 0 && strchr(" \t\r\n", bytes[n - 1]))
		bytes[--n] = 0;
	begin += strspn(begin, " \t\r\n");
	for (at = begin; (unsigned char)*at >= ' '; at++)
		;
	if (*result == 0 && at != bytes + n && n > (size_t)(begin - bytes))
		*result = err(ERR_DATA, "not a class, but several lines or bytes that are not text");
	/* a whole number may be written as a real one */
	at = begin + strspn(begin, "0123456789");
	if (at > begin && *at == '.' && at[1] == '0' && !at[1 + strspn(at + 1, "0")])
		*at = 0;
	memmove(bytes, begin, strlen(begin) + 1);
	if (*result == 0 && *bytes)
		return bytes;
	free(bytes);
	return NULL;
}

/* The class number of a text; -1: not a number from 0 to CLASS_MAX. */
static int
class_number(const char *text)
{
	char *end;
	const long n = strtol(text, &end, 10);

	return *text >= '0' && *text <= '9' && !*end && n <= CLASS_MAX ? (int)n : -1;
}

/* The classes are numbers: their names are the numbers from 0 to the largest. 0, or -1 and err(). */
static int
take_numbers(struct listing *l, const char **labels, int max)
{
	char text[24];
	int result = 0;
	long i;

	for (i = 0; i < l->count; i++)
		l->items[i].class = labels[i] ? class_number(labels[i]) : -1;
	class_list_free(&l->classes);
	for (i = 0; i <= max && result == 0; i++) {
		snprintf(text, sizeof text, "%ld", i);
		result = add_class(l, text);
	}
	return result;
}

int
listing_label_members(struct listing *l, const char *field)
{
	const char **labels = mem_array((size_t)l->count + 1, sizeof *labels);
	bool numbers = true, texts = false;
	const char *odd = NULL;
	int max = -1, result = 0;
	long i, odd_item = 0;

	for (i = 0; i < l->count && result == 0; i++) {
		char *text = l->items[i].class_size < 0 ? NULL : read_class(l, i, field, &result);
		char *end;

		if (result < 0) {
			struct arena a = { 0 };

			err_in("%s: its member '%s'", listing_name(l, i, &a), l->class_member);
			arena_free(&a);
		}
		if (text && strcmp(text, "-1") == 0) {
			/* in many datasets: no class */
			free(text);
			text = NULL;
		}
		if (!text)
			continue;
		labels[i] = utf8_escape(&l->text, text, strlen(text));
		numbers &= class_number(text) >= 0;
		(void)strtol(text, &end, 10);
		if (*end)
			texts = true;
		else if (class_number(text) < 0) {
			odd = labels[i];
			odd_item = i;
		}
		max = class_number(text) > max ? class_number(text) : max;
		free(text);
	}
	for (i = 0; i < l->count && result == 0 && !labels[i]; i++)
		;
	if (result == 0 && i == l->count && i > 0)
		result = err(ERR_DATA, "no image has a class in its archive; store it as member KEY.%s%s%s",
		    l->class_member,
			field ? ", an object with the field " : "", field ? field : "");
	if (result == 0 && !texts && odd)
		result = err(ERR_DATA, "%s: '%s' is not a class number from 0 to %d", l->items[odd_item].name, odd,
			CLASS_MAX);
	if (result == 0)
		result = numbers ? take_numbers(l, labels, max) : number(l, labels);
	if (result == 0)
		note_unclassed(l);
	free(labels);
	return result;
}

/* Whether the last parts of two paths are equal. */
static bool
equal_names(const char *a, const char *b)
{
	const char *x = strrchr(a, '/'), *y = strrchr(b, '/');

	return strcmp(x ? x + 1 : a, y ? y + 1 : b) == 0;
}

/* Find the row of each image; owner[k]: the first image of row k, -1: none. A row whose name an image has is not that
   of an image with the name but for its suffix. */
static int
find_rows(const struct listing *l, const struct table *t, const char *path, long *rows, long *owner)
{
	int pass;
	long i, k;

	for (i = 0; i < l->count; i++) {
		rows[i] = table_find(t, l->items[i].name);
		if (rows[i] == -2)
			return err_in("%s", path);
	}
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < l->count; i++) {
			const struct listing_item *item = &l->items[i], *other;
			const bool equal = (k = rows[i]) >= 0 && equal_names(t->rows[k].name, item->name);

			if (k < 0 || equal != (pass == 0))
				continue;
			other = owner[k] < 0 ? item : &l->items[owner[k]];
			owner[k] = other - l->items;
			if (other->archive == item->archive && strcmp(other->name, item->name) == 0)
				continue;
			if (equal != equal_names(t->rows[k].name, other->name))
				rows[i] = -1;
			else
				return err(ERR_DATA, "%s: line %ld: '%s' is ambiguous: it fits the images '%s' and "
					"'%s'; write their folders in the table", path, t->rows[k].line,
					t->rows[k].name, other->name, item->name);
		}
	return 0;
}

int
listing_label_table(struct listing *l, const char *path)
{
	const char **labels = mem_array((size_t)l->count + 1, sizeof *labels);
	struct table t = { 0 };
	int result = table_read(&t, path);
	long *owner = mem_array((size_t)t.count + 1, sizeof *owner), *rows = mem_array((size_t)l->count + 1,
	    sizeof *rows);
	long i, known = 0;

	for (i = 0; i < t.count; i++)
		owner[i] = -1;
	if (result == 0)
		result = find_rows(l, &t, path, rows, owner);
	for (i = 0; i < l->count && result == 0; i++)
		if (rows[i] >= 0 && t.rows[rows[i]].label) {
			labels[i] = arena_text(&l->text, t.rows[rows[i]].label);
			known++;
		}
	if (result == 0 && known == 0 && l->count > 0)
		result = err(ERR_DATA, "%s: none of the %ld images, such as '%s', has a row with a label; a row is a "
			"name and a label, and the first name is '%s'",
			path, l->count, l->items[0].name, t.rows[0].name);
	for (i = 0; i < t.count && result == 0; i++)
		if (owner[i] < 0)
			listing_note(l, LISTING_ROWS, t.rows[i].name);
	for (i = 0; i < table_flag_rows(&t) && result == 0; i++)
		listing_note(l, LISTING_COLUMNS, t.first_flag_row);
	for (i = 0; i < t.repeated && result == 0; i++)
		listing_note(l, LISTING_REPEATED_ROWS, t.first_repeated);
	if (result == 0)
		result = number(l, labels);
	if (result == 0)
		note_unclassed(l);
	free(owner);
	free(rows);
	free(labels);
	table_free(&t);
	return result;
}
