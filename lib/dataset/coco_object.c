/* coco_object - read one object of a COCO file

   Unknown fields are skipped, whatever their value. */
#include "dataset/coco_object.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"
#include "dataset/coco.h"
#include "dataset/coco_segmentation.h"
#include "json/json.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* 1, 1.0 and "1" are the same integer. */
static bool
read_integer(const struct json_token *t, int64_t *to)
{
	static const double exact = 9007199254740992;	/* 2^53: larger reals are not exact integers */
	char *end;

	if (t->kind == JSON_INT) {
		*to = t->integer;
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

/* 0, 1, 0.0, 1.0, true, false, "0" or "1". */
static bool
read_flag(const struct json_token *t, bool *to)
{
	const bool text = t->kind == JSON_TEXT && t->size == 1;
	const double x = t->kind == JSON_INT || t->kind == JSON_REAL ? t->real : t->kind == JSON_BOOL ? t->boolean
		: text ? t->text[0] - '0' : -1;

	*to = x > 0;
	return x == 0 || x == 1;
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
	static const char *const wanted[] = { [ID] = "an integer or a name", [INTEGER] = "an integer",
		[FLAG] = "0, 1, true or false", [REAL] = "a number", [AREA] = "a number", [TEXT] = "a string",
		[BOX] = "a list of four numbers" };
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
		good = read_integer(t, (int64_t *)to) || read_name(t, (int64_t *)to);
		break;
	case INTEGER:
		good = read_integer(t, (int64_t *)to);
		break;
	case FLAG:
		good = read_flag(t, (bool *)to);
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
		good = t->kind == JSON_TEXT;
		if (good && (t->size == 0 || t->size > NAME_BYTES_MAX))
			return err(ERR_DATA, "field '%s' has %zu bytes, but must have 1 to %d", f->name, t->size,
				NAME_BYTES_MAX);
		if (good && strlen(t->text) != t->size)
			return err(ERR_DATA, "field '%s' has a zero byte, which no name may have", f->name);
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

int
coco_object_take(struct coco_object_walk *w, const struct json_token *t, int depth)
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
