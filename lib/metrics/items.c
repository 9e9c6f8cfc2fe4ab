/* items - the objects of COCO's files

   Objects stand at depth 1 of a list of results, at depth 2 of a truth; their fields one deeper. */
#include "metrics/items.h"
#include "base/err.h"
#include "base/mem.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { WHOLE, REAL, TEXT, BOX };

static const struct field {
	const char *name;
	enum items_has bit;
	unsigned lists;		/* of enum items_list: elsewhere the name means something else, or nothing */
	enum kind kind;
	size_t to;
} fields[] = {
	{ "id", ITEMS_ID, ITEMS_IMAGES | ITEMS_ANNOTATIONS | ITEMS_CATEGORIES, WHOLE, offsetof(struct item, id) },
	{ "image_id", ITEMS_IMAGE, ITEMS_RESULTS | ITEMS_ANNOTATIONS, WHOLE, offsetof(struct item, image) },
	{ "category_id", ITEMS_CATEGORY, ITEMS_RESULTS | ITEMS_ANNOTATIONS, WHOLE, offsetof(struct item, category) },
	{ "bbox", ITEMS_BOX, ITEMS_RESULTS | ITEMS_ANNOTATIONS, BOX, offsetof(struct item, box) },
	{ "area", ITEMS_AREA, ITEMS_ANNOTATIONS, REAL, offsetof(struct item, area) },
	{ "score", ITEMS_SCORE, ITEMS_RESULTS, REAL, offsetof(struct item, score) },
	{ "iscrowd", ITEMS_CROWD, ITEMS_ANNOTATIONS, WHOLE, offsetof(struct item, crowd) },
	{ "ignore", ITEMS_IGNORE, ITEMS_ANNOTATIONS, WHOLE, offsetof(struct item, ignore) },
	{ "name", ITEMS_NAME, ITEMS_CATEGORIES, TEXT, offsetof(struct item, name) },
	{ "file_name", ITEMS_FILE, ITEMS_IMAGES, TEXT, offsetof(struct item, file) },
	{ "height", ITEMS_HEIGHT, ITEMS_IMAGES, WHOLE, offsetof(struct item, height) },
	{ "width", ITEMS_WIDTH, ITEMS_IMAGES, WHOLE, offsetof(struct item, width) }
};

static const struct { const char *name; enum items_list list; } lists[] = {
	{ "images", ITEMS_IMAGES }, { "annotations", ITEMS_ANNOTATIONS }, { "categories", ITEMS_CATEGORIES }
};

struct walk {
	const struct items_rules *rules;
	enum items_list list;		/* the one we are in, 0: none */
	unsigned seen;			/* lists that were there */
	const struct field *field;	/* that the next value is of; NULL: none of ours */
	int corners;			/* numbers of the box so far; -1: not in a box */
	struct item item;
};

static void
clear(struct item *i)
{
	free(i->name);
	free(i->file);
	*i = (struct item){ .name = mem_text(""), .file = mem_text("") };
}

static int
whole(const struct json_token *t, int64_t *to)
{
	char *end;

	if (t->kind == JSON_INT || t->kind == JSON_BOOL) {
		*to = t->kind == JSON_INT ? t->integer : t->boolean;
		return 0;
	}
	if (t->kind != JSON_TEXT || t->size == 0 || strspn(t->text, "-0123456789") != t->size)
		return -1;
	errno = 0;
	*to = strtoll(t->text, &end, 10);
	return *end || errno ? -1 : 0;
}

/* A value of a field of ours. */
static int
take(struct walk *w, const struct json_token *t)
{
	static const char *const wanted[] = { "a whole number", "a number", "a text", "a list of four numbers" };
	const struct field *f = w->field;
	char *to = (char *)&w->item + f->to;
	bool number = t->kind == JSON_INT || t->kind == JSON_REAL, good = false;

	w->field = NULL;
	if (f->kind == WHOLE)
		good = whole(t, (int64_t *)to) == 0;
	else if (f->kind == REAL && (good = number))
		*(double *)to = t->real;
	else if (f->kind == TEXT && (good = t->kind == JSON_TEXT)) {
		free(*(char **)to);
		*(char **)to = mem_text(t->text);
	} else if (f->kind == BOX && (good = t->kind == JSON_ARRAY)) {
		w->corners = 0;
		return 0;
	}
	if (!good)
		return err(ERR_DATA, "field '%s' is not %s", f->name, wanted[f->kind]);
	w->item.has |= f->bit;
	return 0;
}

/* A token inside a box. */
static int
take_corner(struct walk *w, const struct json_token *t)
{
	if (t->kind == JSON_ARRAY_END && w->corners == 4) {
		w->corners = -1;
		w->item.has |= ITEMS_BOX;
		return 0;
	}
	if ((t->kind != JSON_INT && t->kind != JSON_REAL) || w->corners == 4)
		return err(ERR_DATA, "field 'bbox' is not a list of four numbers");
	w->item.box[w->corners++] = t->real;
	return 0;
}

static const struct field *
find(enum items_list list, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof fields / sizeof *fields; i++)
		if (fields[i].lists & list && strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* A token of a list of ours, `depth` being that of its objects. */
static int
in_list(struct walk *w, const struct json_token *t, int depth)
{
	if (w->corners >= 0)
		return take_corner(w, t);
	if (t->depth == depth) {
		if (t->kind == JSON_OBJECT) {
			clear(&w->item);
			w->item.begin = t->offset - 1;
		} else if (t->kind == JSON_OBJECT_END) {
			w->item.end = t->offset;
			return w->rules->each(w->rules->arg, w->list, &w->item);
		} else
			return err(ERR_DATA, "something else than an object in the list");
	}
	if (t->depth != depth + 1)
		return 0;
	if (t->kind == JSON_KEY)
		w->field = find(w->list, t->text);
	else if (w->field)
		return take(w, t);
	return 0;
}

/* The outermost parts of a truth: an object that has lists. */
static int
in_truth(struct walk *w, const struct json_token *t)
{
	size_t i;

	if (t->depth == 1 && t->kind == JSON_KEY) {
		w->list = 0;
		for (i = 0; i < sizeof lists / sizeof *lists; i++)
			if (strcmp(lists[i].name, t->text) == 0)
				w->list = lists[i].list;
		w->seen |= w->list;
	} else if (t->depth == 1 && w->list && t->kind != JSON_ARRAY && t->kind != JSON_ARRAY_END)
		return err(ERR_DATA, "'images', 'annotations' and 'categories' must be lists");
	return t->depth >= 2 && w->list ? in_list(w, t, 2) : 0;
}

static int
each(void *arg, const struct json_token *t)
{
	struct walk *w = arg;

	if (t->depth == 0 && t->kind != JSON_ARRAY_END && t->kind != JSON_OBJECT_END) {
		if (t->kind == (w->rules->results ? JSON_ARRAY : JSON_OBJECT))
			return 0;
		return err(ERR_DATA, w->rules->results ? "not a list of results" : "not an object with 'images', 'annotations' and 'categories'");
	}
	if (t->depth == 0)
		return 0;
	return w->rules->results ? in_list(w, t, 1) : in_truth(w, t);
}

static struct json *
begin(struct walk *w, const struct items_rules *rules)
{
	const struct json_rules json = { .unique = true, .each = each, .arg = w };

	*w = (struct walk){ .rules = rules, .list = rules->results ? ITEMS_RESULTS : 0, .corners = -1 };
	clear(&w->item);
	return json_open(&json);
}

static int
end(struct walk *w, struct json *j, int result)
{
	if (result == 0)
		result = json_end(j);
	json_close(j);
	free(w->item.name);
	free(w->item.file);
	if (result == 0 && !w->rules->results && w->seen != (ITEMS_IMAGES | ITEMS_ANNOTATIONS | ITEMS_CATEGORIES))
		return err(ERR_DATA, "not all of 'images', 'annotations' and 'categories' are there");
	return result;
}

int
items_parse(const void *bytes, size_t size, const struct items_rules *rules)
{
	struct walk w;
	struct json *j = begin(&w, rules);

	return end(&w, j, json_feed(j, bytes, size));
}

int
items_read(const char *path, const struct items_rules *rules)
{
	enum { PIECE = 1 << 16 };
	FILE *f = fopen(path, "rb");
	char *piece;
	size_t n;
	struct walk w;
	struct json *j;
	int result = 0;

	if (!f)
		return err(ERR_INPUT, "%s: %s", path, strerror(errno));
	piece = mem_new(PIECE);
	j = begin(&w, rules);
	while (result == 0 && (n = fread(piece, 1, PIECE, f)) > 0)
		result = json_feed(j, piece, n);
	result = end(&w, j, result);
	if (result < 0)
		err_in("%s", path);
	if (ferror(f))
		result = err(ERR_INPUT, "%s: cannot be read", path);
	fclose(f);
	free(piece);
	return result;
}

int
items_need(const struct item *i, unsigned has)
{
	size_t n;

	for (n = 0; n < sizeof fields / sizeof *fields; n++)
		if (has & fields[n].bit & ~i->has)
			return err(ERR_DATA, "an object without '%s'", fields[n].name);
	return 0;
}
