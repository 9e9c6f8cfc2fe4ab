/* listing_label - the class of each image from its folder, its archive or a table */
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table_row { const char *name, *label; };

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct table_row *)a)->name, ((const struct table_row *)b)->name);
}

/* Number the labels (one an item, NULL: none) in bytewise order. */
static void
number(struct listing *l, const char **labels)
{
	const char **sorted = mem_array((size_t)l->count + 1, sizeof *sorted), **found;
	long i, n = 0;
	int count = 0;

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
	free(l->classes);
	l->classes = sorted;
	l->class_count = count;
}

/* The last component of the path from `name` to *end: move *end to its end, return its beginning. */
static const char *
component_before(const char *name, const char **end)
{
	const char *begin = *end;

	while (begin > name && begin[-1] == '/')
		begin--;
	*end = begin;
	while (begin > name && begin[-1] != '/')
		begin--;
	return begin;
}

void
listing_label_folders(struct listing *l)
{
	const char **labels = mem_array((size_t)l->count + 1, sizeof *labels);
	const char *last = NULL;
	long i;

	for (i = 0; i < l->count; i++) {
		const char *name = l->items[i].name, *end = name + strlen(name), *begin = component_before(name, &end);

		end = begin;
		begin = component_before(name, &end);
		if (end - begin == 6 && memcmp(begin, "images", 6) == 0 && begin > name) {
			end = begin;
			begin = component_before(name, &end);
		}
		if (end == begin)
			continue;
		/* neighbors mostly have the same folder: one copy of its name */
		if (!last || strncmp(last, begin, (size_t)(end - begin)) != 0 || last[end - begin])
			last = utf8_escape(&l->text, begin, (size_t)(end - begin));
		labels[i] = last;
	}
	number(l, labels);
	free(labels);
}

int
listing_label_members(struct listing *l)
{
	char text[24];
	long i;
	int max = -1;

	for (i = 0; i < l->count; i++) {
		l->items[i].class = l->items[i].number;
		if (l->items[i].number > max)
			max = l->items[i].number;
	}
	if (max < 0 && l->count > 0)
		return err(ERR_DATA, "no image has a class number in its archive; store it as member KEY.cls");
	free(l->classes);
	l->class_count = max + 1;
	l->classes = mem_array((size_t)max + 2, sizeof *l->classes);
	for (i = 0; i <= max; i++) {
		snprintf(text, sizeof text, "%ld", i);
		l->classes[i] = utf8_escape(&l->text, text, strlen(text));
	}
	return 0;
}

/* Split the text of a table into rows, in place. */
static size_t
split_rows(char *text, struct table_row **rows)
{
	char *line, *next, *name, *label;
	const char *blank;
	size_t n = 0, room = 0;

	*rows = NULL;
	for (line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = 0;
		blank = strchr(line, '\t') ? "\t\r" : " \r";
		name = line;
		label = line + strcspn(line, blank);
		if (!*label)
			continue;
		*label++ = 0;
		label[strcspn(label, blank)] = 0;
		*rows = mem_room(*rows, &room, n + 1, sizeof **rows);
		(*rows)[n++] = (struct table_row){ strrchr(name, '/') ? strrchr(name, '/') + 1 : name, label };
	}
	return n;
}

int
listing_label_table(struct listing *l, const char *path)
{
	const char **labels;
	size_t size;
	char *text = file_read(path, 0, &size);
	struct table_row *rows;
	size_t n;
	long i, known = 0;

	if (!text)
		return -1;
	n = split_rows(text, &rows);
	if (n > 0)
		qsort(rows, n, sizeof *rows, by_name);
	labels = mem_array((size_t)l->count + 1, sizeof *labels);
	for (i = 0; i < l->count && n > 0; i++) {
		const char *slash = strrchr(l->items[i].name, '/');
		struct table_row wanted = { slash ? slash + 1 : l->items[i].name, NULL };
		struct table_row *row = bsearch(&wanted, rows, n, sizeof *rows, by_name);

		if (row) {
			labels[i] = utf8_escape(&l->text, row->label, strlen(row->label));
			known++;
		}
	}
	number(l, labels);
	free(labels);
	free(rows);
	free(text);
	return known > 0 || l->count == 0 ? 0 : err(ERR_DATA, "%s: none of the %ld images has a row", path, l->count);
}
