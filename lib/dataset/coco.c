/* coco - read COCO files as a stream

   Objects are at depth 1 in a list of results, at depth 2 in ground truth, at depth 0 if one is read alone. */
#include "dataset/coco.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/coco_object.h"
#include "dataset/coco_segmentation.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *name; enum coco_list list; } lists[] = {
	{ "images", COCO_IMAGES }, { "annotations", COCO_ANNOTATIONS }, { "categories", COCO_CATEGORIES }
};

struct coco_walk {
	const struct coco_rules *rules;
	unsigned lists_read;			/* lists read so far */
	struct coco_object_walk object;	/* its list: the current one, 0: none */
};

/* A token of a known list; `depth`: of its objects. */
static int
in_list(struct coco_walk *w, const struct json_token *t, int depth)
{
	const int ended = coco_object_take(&w->object, t, depth);

	return ended == 1 ? w->rules->each(w->rules->arg, w->object.list, &w->object.object) : ended;
}

/* A token of ground truth: an object of lists. */
static int
in_gt(struct coco_walk *w, const struct json_token *t)
{
	size_t i;

	if (t->depth == 1 && t->kind == JSON_KEY) {
		w->object.list = 0;
		for (i = 0; i < sizeof lists / sizeof *lists; i++)
			if (strcmp(lists[i].name, t->text) == 0)
				w->object.list = lists[i].list;
		if (w->lists_read & w->object.list)
			return err(ERR_DATA, "'%s' occurs twice", t->text);
		w->lists_read |= w->object.list;
		return 0;
	}
	if (t->depth == 1 && w->object.list && t->kind != JSON_ARRAY && t->kind != JSON_ARRAY_END)
		return err(ERR_DATA, "'images', 'annotations' and 'categories' must be lists");
	return t->depth >= 2 && w->object.list ? in_list(w, t, 2) : 0;
}

static int
each(void *arg, const struct json_token *t)
{
	struct coco_walk *w = arg;

	if (t->depth == 0 && t->kind != JSON_ARRAY_END && t->kind != JSON_OBJECT_END) {
		if (t->kind == (w->rules->results ? JSON_ARRAY : JSON_OBJECT))
			return 0;
		return err(ERR_DATA, w->rules->results ? "not a list of results"
			: "not COCO's instances, an object with 'images', 'annotations' and 'categories', "
			    "which the file is to be converted to");
	}
	if (t->depth == 0)
		return 0;
	return w->rules->results ? in_list(w, t, 1) : in_gt(w, t);
}

static int
each_alone(void *arg, const struct json_token *t)
{
	return coco_object_take(arg, t, 0) < 0 ? -1 : 0;
}

static struct json *
begin(struct coco_walk *w, const struct coco_rules *rules, size_t offset)
{
	const struct json_rules json = { .each = each, .arg = w, .offset = offset };

	*w = (struct coco_walk){ rules, 0, { .list = rules->results ? COCO_RESULTS : 0, .corners = -1 } };
	return json_open(&json);
}

static int
end(struct coco_walk *w, struct json *j, int result)
{
	size_t i;

	if (result == 0)
		result = json_end(j);
	json_close(j);
	arena_free(&w->object.text);
	for (i = 0; i < sizeof lists / sizeof *lists && result == 0 && !w->rules->results; i++)
		if (!(w->lists_read & lists[i].list))
			result = err(ERR_DATA, "not COCO's instances, which the file is to be converted to: "
				"no list '%s'", lists[i].name);
	return result;
}

int
coco_parse(const void *bytes, size_t size, const struct coco_rules *rules)
{
	const size_t mark = utf8_mark(bytes, size);
	struct coco_walk w;
	struct json *j = begin(&w, rules, mark);

	return end(&w, j, json_feed(j, (const char *)bytes + mark, size - mark));
}

int
coco_read(const char *path, const struct coco_rules *rules)
{
	enum { PIECE = 1 << 16 };
	FILE *f = file_open_stream(path);
	char *piece;
	size_t n, mark;
	struct coco_walk w;
	struct json *j;
	int result;

	if (!f)
		return -1;
	piece = mem_new(PIECE);
	n = fread(piece, 1, PIECE, f);
	mark = utf8_mark(piece, n);
	j = begin(&w, rules, mark);
	result = json_feed(j, piece + mark, n - mark);
	while (result == 0 && (n = fread(piece, 1, PIECE, f)) > 0)
		result = json_feed(j, piece, n);
	result = end(&w, j, result);
	if (result < 0)
		err_in("%s", path);
	if (ferror(f))
		result = err(file_status(errno), "%s: %s", path, strerror(errno));
	fclose(f);
	free(piece);
	return result;
}

static int
read_bytes(int fd, size_t begin, size_t size, char *bytes)
{
	const ssize_t n = file_read_at(fd, (off_t)begin, bytes, size);

	if (n < 0)
		return err(file_status(errno), "%s", strerror(errno));
	return (size_t)n < size ? err(ERR_DATA, "the file has been truncated since it was opened") : 0;
}

int
coco_read_object(int fd, const char *path, enum coco_list list, size_t begin, size_t end, struct coco_object *o,
	struct coco_segmentation *s)
{
	struct coco_object_walk w = { .list = list, .corners = -1, .segmentation = s };
	const struct json_rules rules = { .each = each_alone, .arg = &w, .offset = begin };
	char *bytes = mem_new(end - begin + 1);
	int result = read_bytes(fd, begin, end - begin, bytes);

	if (s)
		coco_segmentation_begin(s);
	if (result == 0)
		result = json_read(&rules, bytes, end - begin);
	if (s)
		coco_segmentation_end(s);
	*o = w.object;
	free(bytes);
	return result < 0 ? err_in("%s", path) : 0;
}
