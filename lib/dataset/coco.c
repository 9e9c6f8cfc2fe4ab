/* coco - read COCO files as a stream

   Objects are at depth 1 in a list of results, at depth 2 in ground truth, at depth 0 if one is read alone. Unknown
   fields are skipped, whatever their value. */
#include "dataset/coco.h"
#include "base/err.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "dataset/coco_segmentation.h"
#include "json/json.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* State of the parser; begins as { .list = ..., .corners = -1 }. */
struct coco_object_walk {
	enum coco_list list;			/* the list of the object */
	struct coco_segmentation *segmentation;	/* filled; NULL: skipped */
	struct coco_object object;
	unsigned given;				/* fields read, including null */
	const struct coco_object_field *field;	/* of the next value; NULL: unknown, skipped */
	int corners;				/* numbers of the box so far; -1: not in a box */
	bool in_segmentation;
	struct arena text;			/* of the object; freed by the caller */
};

enum { NAME_BYTES_MAX = 4096 };

enum field_kind { ID, INTEGER, FLAG, REAL, AREA, TEXT, BOX };

static const struct coco_object_field {
	const char *name;
	enum coco_field bit;
	unsigned lists;		/* sum of enum coco_list: where the field has this meaning */
	enum field_kind kind;
	size_t to;
} fields[] = {
	{ "id", COCO_ID, COCO_IMAGES | COCO_ANNOTATIONS | COCO_CATEGORIES, ID, offsetof(struct coco_object, id) },
	{ "image_id", COCO_IMAGE_ID, COCO_RESULTS | COCO_ANNOTATIONS, ID, offsetof(struct coco_object, image_id) },
	{ "category_id", COCO_CATEGORY_ID, COCO_RESULTS | COCO_ANNOTATIONS, ID,
		offsetof(struct coco_object, category_id) },
	{ "bbox", COCO_BBOX, COCO_RESULTS | COCO_ANNOTATIONS, BOX, offsetof(struct coco_object, bbox) },
	{ "area", COCO_AREA, COCO_ANNOTATIONS, AREA, offsetof(struct coco_object, area) },
	{ "score", COCO_SCORE, COCO_RESULTS, REAL, offsetof(struct coco_object, score) },
	{ "iscrowd", COCO_ISCROWD, COCO_ANNOTATIONS, FLAG, offsetof(struct coco_object, iscrowd) },
	{ "ignore", COCO_IGNORE, COCO_ANNOTATIONS, FLAG, offsetof(struct coco_object, ignore) },
	{ "name", COCO_NAME, COCO_CATEGORIES, TEXT, offsetof(struct coco_object, name) },
	{ "file_name", COCO_FILE_NAME, COCO_IMAGES, TEXT, offsetof(struct coco_object, file_name) },
	{ "height", COCO_HEIGHT, COCO_IMAGES, INTEGER, offsetof(struct coco_object, height) },
	{ "width", COCO_WIDTH, COCO_IMAGES, INTEGER, offsetof(struct coco_object, width) }
};

static void
reset(struct coco_object_walk *w)
{
	w->object = (struct coco_object){ .name = "", .file_name = "" };
	w->given = 0;
	w->field = NULL;
	if (w->text.used)
		arena_reset(&w->text);
}

/* 1, 1.0 and "1" are the same integer; true and false are flags. */
static bool
read_integer(const struct json_token *t, bool flag, int64_t *to)
{
	static const double exact = 9007199254740992;	/* 2^53: larger reals are not exact integers */
	char *end;

	if (t->kind == JSON_INT || (flag && t->kind == JSON_BOOL)) {
		*to = t->kind == JSON_INT ? t->integer : t->boolean;
		return true;
	}
	if (t->kind == JSON_REAL) {
		*to = fabs(t->real) <= exact ? (int64_t)t->real : 0;
		return fabs(t->real) <= exact && (double)*to == t->real;
	}
	if (t->kind != JSON_TEXT || t->size == 0 || strspn(t->text, "-0123456789") != t->size)
		return false;
	errno = 0;
	*to = strtoll(t->text, &end, 10);
	return !*end && errno == 0;
}

/* An id that is a name becomes a negative number, a digest of its bytes: equal names in equal and different files give
   equal numbers. */
static bool
read_name(const struct json_token *t, int64_t *to)
{
	if (t->kind != JSON_TEXT || t->size == 0 || t->size > NAME_BYTES_MAX)
		return false;
	*to = -(int64_t)(digest_of(t->text, t->size) >> 1) - 1;
	return true;
}

/* Reject a number of a box or an area that records, which have single precision, cannot hold. */
static int
check_single(const char *name, double x)
{
	if (fabs(x) <= FLT_MAX)
		return 0;
	return err(ERR_DATA, "field '%s' has %g, but numbers up to %.2g are possible; correct it", name, x, FLT_MAX);
}

/* An annotation without an area has that of its box. */
static int
check_box_area(const struct coco_object *o)
{
	const double area = o->bbox[2] * o->bbox[3];

	if (o->has & COCO_AREA || area <= FLT_MAX)
		return 0;
	return err(ERR_DATA, "the area of the box of %gx%g pixels is %g, but areas up to %.2g are possible; "
		"correct 'bbox' or state 'area'", o->bbox[2], o->bbox[3], area, FLT_MAX);
}

/* The value of a known field. */
static int
take_value(struct coco_object_walk *w, const struct json_token *t)
{
	static const char *const wanted[] = { "an integer or a name", "an integer", "0 or 1", "a number", "a number",
	    "a text",
		"a list of four numbers" };
	const struct coco_object_field *f = w->field;
	char *to = (char *)&w->object + f->to;
	bool number = t->kind == JSON_INT || t->kind == JSON_REAL, good = false;

	w->field = NULL;
	if (w->given & f->bit)
		return err(ERR_DATA, "field '%s' occurs twice", f->name);
	w->given |= f->bit;
	if (t->kind == JSON_NULL)
		return 0;
	switch (f->kind) {
	case ID:
		good = read_integer(t, false, (int64_t *)to) || read_name(t, (int64_t *)to);
		break;
	case INTEGER:
	case FLAG:
		good = read_integer(t, f->kind == FLAG, (int64_t *)to);
		break;
	case AREA:
		if (number && t->real < 0)
			return 0;
		if (number && check_single(f->name, t->real) < 0)
			return -1;
		/* fall through */
	case REAL:
		good = number;
		*(double *)to = t->real;
		break;
	case TEXT:
		good = t->kind == JSON_TEXT && t->size > 0 && t->size <= NAME_BYTES_MAX && strlen(t->text) == t->size;
		if (good)
			*(const char **)to = arena_text(&w->text, t->text);
		break;
	case BOX:
		if (t->kind == JSON_ARRAY) {
			w->corners = 0;
			return 0;
		}
	}
	if (!good)
		return err(ERR_DATA, "field '%s' is not %s", f->name, wanted[f->kind]);
	w->object.has |= f->bit;
	return 0;
}

/* A token in a box. */
static int
take_corner(struct coco_object_walk *w, const struct json_token *t)
{
	if (t->kind == JSON_ARRAY_END && w->corners == 4) {
		w->corners = -1;
		w->object.has |= COCO_BBOX;
		return 0;
	}
	if ((t->kind != JSON_INT && t->kind != JSON_REAL) || w->corners == 4)
		return err(ERR_DATA, "field 'bbox' is not a list of four numbers");
	w->object.bbox[w->corners++] = t->real;
	return check_single("bbox", t->real);
}

static const struct coco_object_field *
find(enum coco_list list, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof fields / sizeof *fields; i++)
		if (fields[i].lists & list && strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* Process a token; `depth`: of the object. 1: the object is complete; 0: not yet; -1 and err(ERR_DATA): not an object,
   a field of another type or twice, a number out of range. */
static int
take_token(struct coco_object_walk *w, const struct json_token *t, int depth)
{
	if (w->corners >= 0)
		return take_corner(w, t);
	if (t->depth == depth) {
		if (t->kind == JSON_OBJECT) {
			reset(w);
			w->object.begin = t->offset - 1;
			return 0;
		}
		if (t->kind != JSON_OBJECT_END)
			return err(ERR_DATA, "the list contains a value that is not an object");
		w->object.end = t->offset;
		return w->list == COCO_ANNOTATIONS && check_box_area(&w->object) < 0 ? -1 : 1;
	}
	if (t->depth == depth + 1 && t->kind == JSON_KEY) {
		w->field = find(w->list, t->text);
		w->in_segmentation = w->segmentation && !w->field && strcmp(t->text, "segmentation") == 0;
		if (w->in_segmentation)
			coco_segmentation_begin(w->segmentation);
		return 0;
	}
	if (w->in_segmentation)
		return coco_segmentation_take(w->segmentation, t, depth + 1);
	return t->depth == depth + 1 && w->field ? take_value(w, t) : 0;
}

int
coco_object_need(const struct coco_object *o, unsigned wanted)
{
	size_t i;

	for (i = 0; i < sizeof fields / sizeof *fields; i++)
		if (wanted & fields[i].bit & ~o->has)
			return err(ERR_DATA, "object without '%s'", fields[i].name);
	return 0;
}

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
	const int ended = take_token(&w->object, t, depth);

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
	return take_token(arg, t, 0) < 0 ? -1 : 0;
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
