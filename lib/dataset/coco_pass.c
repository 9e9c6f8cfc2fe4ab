/* coco_pass - one pass over the annotations of COCO: {"images": [{...}], "annotations": [{...}], "categories": [{...}], ...}

   Keys of the document are at depth 1, items of the lists at depth 2, their keys and values at depth 3; all else passes by. */
#include "dataset/coco_pass.h"
#include "base/err.h"
#include "json/json.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* CHUNK is read at once; the rest no honest file passes */
enum { CHUNK = 64 << 10, ANNOTATION_BYTES = 16 << 20, NAME_BYTES = 4096, CATEGORIES = 65536 };

enum section { NOTHING, IMAGES, ANNOTATIONS, CATEGORIES_LIST, SECTIONS };

static const char *const sections[SECTIONS] = { NULL, "images", "annotations", "categories" };

struct item {
	int64_t id, width, height, image, category;
	const char *name;
};

struct pass {
	struct coco *c;
	enum section section;
	unsigned found;		/* sections that were there */
	struct item item;
	size_t begin;		/* of the item, in the file */
	unsigned seen;		/* rows of the item */
	const struct row *row;	/* of the key that was last */
	struct arena name;
};

/* What an item must have, or may. */
static const struct row {
	enum section section;
	const char *key;
	bool text, must;
	size_t to;
} rows[] = {
	{ IMAGES, "id", false, true, offsetof(struct item, id) },
	{ IMAGES, "file_name", true, true, offsetof(struct item, name) },
	{ IMAGES, "width", false, false, offsetof(struct item, width) },
	{ IMAGES, "height", false, false, offsetof(struct item, height) },
	{ ANNOTATIONS, "image_id", false, true, offsetof(struct item, image) },
	{ ANNOTATIONS, "category_id", false, true, offsetof(struct item, category) },
	{ CATEGORIES_LIST, "id", false, true, offsetof(struct item, id) },
	{ CATEGORIES_LIST, "name", true, true, offsetof(struct item, name) },
};

enum { ROWS = sizeof rows / sizeof *rows };

static void *
room(void *list, long count, long *have, size_t width)
{
	if (count < *have)
		return list;
	*have = *have ? 2 * *have : 1024;
	return mem_grow(list, (size_t)*have * width);
}

static int
end_item(struct pass *p, size_t end)
{
	struct coco *c = p->c;
	const struct item *i = &p->item;
	size_t k;

	for (k = 0; k < ROWS; k++)
		if (rows[k].section == p->section && rows[k].must && !(p->seen & 1u << k))
			return err(ERR_DATA, "one of the %s has no `%s`", sections[p->section], rows[k].key);
	if (p->section == IMAGES) {
		if (i->width < 0 || i->width > 1000000 || i->height < 0 || i->height > 1000000)
			return err(ERR_DATA, "an image of %lldx%lld pixels", (long long)i->width, (long long)i->height);
		c->images = room(c->images, c->image_count, &c->image_room, sizeof *c->images);
		c->images[c->image_count++] = (struct coco_image){ .id = i->id, .width = (int)i->width, .height = (int)i->height };
		return c->image ? c->image(c->arg, i->name) : 0;
	}
	if (p->section == ANNOTATIONS) {
		if (end - p->begin > ANNOTATION_BYTES)
			return err(ERR_DATA, "an annotation of %zu bytes", end - p->begin);
		if (i->category < INT32_MIN || i->category > INT32_MAX || c->annotation_count == INT32_MAX)
			return err(ERR_DATA, "a category_id that is too large, or too many annotations");
		c->annotations = room(c->annotations, c->annotation_count, &c->annotation_room, sizeof *c->annotations);
		c->annotations[c->annotation_count++] = (struct coco_annotation){ i->image, (int64_t)p->begin, (uint32_t)(end - p->begin), (int32_t)i->category };
		return 0;
	}
	if (c->category_count == CATEGORIES)
		return err(ERR_DATA, "more than %d categories", CATEGORIES);
	c->categories = room(c->categories, c->category_count, &c->category_room, sizeof *c->categories);
	c->categories[c->category_count++] = (struct coco_category){ i->id, arena_text(&c->text, i->name) };
	return 0;
}

static int
set(struct pass *p, const struct json_token *t)
{
	const struct row *row = p->row;
	char *to = (char *)&p->item + row->to;

	p->row = NULL;
	if (row->text) {
		if (t->kind != JSON_TEXT || strlen(t->text) != t->size || t->size > NAME_BYTES || t->size == 0)
			return err(ERR_DATA, "`%s` is not a name", row->key);
		*(const char **)to = arena_text(&p->name, t->text);
	} else {
		/* 426.0 is a whole number too */
		if ((t->kind != JSON_INT && t->kind != JSON_REAL) || t->real != floor(t->real) || fabs(t->real) > 9e15)
			return err(ERR_DATA, "`%s` is not a whole number", row->key);
		*(int64_t *)to = (int64_t)t->real;
	}
	p->seen |= 1u << (row - rows);
	return 0;
}

static int
each(void *arg, const struct json_token *t)
{
	struct pass *p = arg;
	size_t k;

	if (t->depth == 0 && t->kind != JSON_OBJECT && t->kind != JSON_OBJECT_END)
		return err(ERR_DATA, "not COCO annotations: no object");
	if (t->depth == 1 && t->kind == JSON_KEY) {
		for (p->section = SECTIONS - 1; p->section > NOTHING && strcmp(sections[p->section], t->text) != 0; p->section--)
			;
		p->found |= 1u << p->section;
		return 0;
	}
	if (p->section == NOTHING)
		return 0;
	if (t->depth == 1 && t->kind != JSON_ARRAY && t->kind != JSON_ARRAY_END)
		return err(ERR_DATA, "`%s` is not a list", sections[p->section]);
	if (t->depth == 2 && t->kind == JSON_OBJECT) {
		arena_reset(&p->name);
		p->item = (struct item){ 0 };
		p->seen = 0;
		p->row = NULL;
		p->begin = t->offset - 1;
		return 0;
	}
	if (t->depth == 2)
		return t->kind == JSON_OBJECT_END ? end_item(p, t->offset) : err(ERR_DATA, "one of the %s is not an object", sections[p->section]);
	if (t->depth != 3)
		return 0;
	if (t->kind == JSON_KEY) {
		for (k = 0; k < ROWS; k++)
			if (rows[k].section == p->section && strcmp(rows[k].key, t->text) == 0)
				p->row = &rows[k];
		return 0;
	}
	return p->row ? set(p, t) : 0;
}

static int
read_all(struct coco *c, struct json *j)
{
	char *chunk = mem_new(CHUNK);
	ssize_t n;
	int result = 0;

	while (result == 0 && (n = read(c->fd, chunk, CHUNK)) != 0)
		if (n > 0)
			result = json_feed(j, chunk, (size_t)n);
		else if (errno != EINTR)
			result = err(ERR_INPUT, "%s", strerror(errno));
	free(chunk);
	return result == 0 ? json_end(j) : -1;
}

int
coco_pass(struct coco *c)
{
	struct pass p = { .c = c };
	struct json_rules rules = { .each = each, .arg = &p };
	struct json *j = json_open(&rules);
	int result = read_all(c, j), k;

	json_close(j);
	arena_free(&p.name);
	for (k = 1; k < SECTIONS && result == 0; k++)
		if (!(p.found & 1u << k))
			result = err(ERR_DATA, "not COCO annotations: there is no list `%s`", sections[k]);
	return result;
}
