/* coco_read - one annotation of COCO, read from its place in the file

   Depth 1 has the keys; bbox: [4 numbers]; segmentation: [[x, y, ...], ...] or {counts: [numbers] or text, size: [h, w]}. */
#include "base/err.h"
#include "dataset/coco.h"
#include "annotation/region.h"
#include "json/json.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum key { OTHER, BBOX, AREA, CROWD, CATEGORY, SEGMENTATION, COUNTS, SIZE, KEYS };

static const struct { const char *name; int depth; } keys[KEYS] = {
	[BBOX] = { "bbox", 1 }, [AREA] = { "area", 1 }, [CROWD] = { "iscrowd", 1 }, [CATEGORY] = { "category_id", 1 },
	[SEGMENTATION] = { "segmentation", 1 }, [COUNTS] = { "counts", 2 }, [SIZE] = { "size", 2 },
};

struct job {
	struct coco_object *o;
	enum key key;		/* of depth 1 */
	enum key inner;		/* of depth 2, within segmentation */
	int box, sides;		/* numbers of bbox and size so far */
};

static void
add_number(struct coco_object *o, double x)
{
	if (o->data_count == o->data_room)
		o->data = mem_grow(o->data, sizeof *o->data * (size_t)(o->data_room = o->data_room ? 2 * o->data_room : 256));
	o->data[o->data_count++] = x;
	o->parts[o->part_count - 1].count++;
}

static void
add_part(struct coco_object *o, int kind)
{
	if (o->part_count == o->part_room)
		o->parts = mem_grow(o->parts, sizeof *o->parts * (size_t)(o->part_room = o->part_room ? 2 * o->part_room : 8));
	o->parts[o->part_count++] = (struct coco_part){ kind, o->data_count, 0 };
}

static int
add_text(struct coco_object *o, const struct json_token *t)
{
	double *counts = mem_new(sizeof *counts * (t->size + 1));
	long i, n = region_text(t->text, t->size, counts);

	add_part(o, COCO_RUNS);
	for (i = 0; i < n; i++)
		add_number(o, counts[i]);
	free(counts);
	return n < 0 ? -1 : 0;
}

static bool
is_number(const struct json_token *t)
{
	return t->kind == JSON_INT || t->kind == JSON_REAL;
}

/* A number straight behind a key of depth 1. */
static int
take_number(struct job *j, const struct json_token *t)
{
	struct coco_object *o = j->o;

	if (j->key == CROWD && t->kind == JSON_BOOL)
		o->crowd = t->boolean;
	else if (!is_number(t))
		return err(ERR_DATA, "`%s` is not a number", keys[j->key].name);
	else if (j->key == AREA)
		o->area = t->real;
	else if (j->key == CROWD)
		o->crowd = t->real != 0;
	else
		o->category = (int64_t)t->real;
	return 0;
}

static int
take_side(struct job *j, const struct json_token *t)
{
	if (!is_number(t) || t->real != floor(t->real) || t->real < 1 || t->real > 65535 || j->sides == 2)
		return err(ERR_DATA, "`size` of run lengths is not height and width");
	*(j->sides++ ? &j->o->width : &j->o->height) = (int)t->real;
	return 0;
}

static int
take_segmentation(struct job *j, const struct json_token *t)
{
	struct coco_object *o = j->o;
	bool end = t->kind == JSON_ARRAY_END || t->kind == JSON_OBJECT_END;

	if (t->depth == 1)
		return t->kind == JSON_ARRAY || t->kind == JSON_OBJECT || t->kind == JSON_NULL || end ? 0 : err(ERR_DATA, "`segmentation` is neither a list nor an object");
	if (end)
		return 0;
	if (j->inner == COUNTS) {
		if (t->depth == 2 && t->kind == JSON_TEXT)
			return add_text(o, t);
		if (t->depth == 2 && t->kind == JSON_ARRAY) {
			add_part(o, COCO_RUNS);
			return 0;
		}
	} else if (j->inner == SIZE) {
		if (t->depth == 2 && t->kind == JSON_ARRAY)
			return 0;
		if (t->depth == 3)
			return take_side(j, t);
	} else if (t->depth == 2 && t->kind == JSON_ARRAY) {
		add_part(o, COCO_POLYGON);
		return 0;
	}
	if (t->depth != 3 || !is_number(t) || o->part_count == 0)
		return err(ERR_DATA, "`segmentation` is neither polygons nor run lengths");
	add_number(o, t->real);
	return 0;
}

static int
each(void *arg, const struct json_token *t)
{
	struct job *j = arg;
	int k;

	if (t->kind == JSON_KEY && (t->depth == 1 || (t->depth == 2 && j->key == SEGMENTATION))) {
		for (k = KEYS - 1; k > OTHER && (keys[k].depth != t->depth || strcmp(keys[k].name, t->text) != 0); k--)
			;
		if (t->depth == 1)
			j->key = k;
		j->inner = t->depth == 2 ? k : OTHER;
		return 0;
	}
	if (t->depth == 0 || j->key == OTHER)
		return 0;
	if (j->key == SEGMENTATION)
		return take_segmentation(j, t);
	if (j->key != BBOX)
		return take_number(j, t);
	if (t->depth == 1 && (t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END))
		return 0;
	if (t->depth != 2 || !is_number(t) || j->box == 4)
		return err(ERR_DATA, "`bbox` is not four numbers");
	j->o->box[j->box++] = t->real;
	return 0;
}

static int
read_bytes(const struct coco *c, const struct coco_annotation *a, char *bytes)
{
	size_t done = 0;

	while (done < a->size) {
		ssize_t n = pread(c->fd, bytes + done, a->size - done, (off_t)(a->offset + (int64_t)done));

		if (n < 0 && errno != EINTR)
			return err(ERR_INPUT, "%s", strerror(errno));
		if (n == 0)
			return err(ERR_DATA, "the file became shorter");
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int
coco_read(const struct coco *c, const struct coco_annotation *a, struct coco_object *o)
{
	struct job j = { .o = o };
	struct json_rules rules = { .each = each, .arg = &j, .offset = (size_t)a->offset };
	char *bytes = mem_new(a->size + 1);
	int result;

	memset(o->box, 0, sizeof o->box);
	o->area = -1;
	o->crowd = o->width = o->height = 0;
	o->category = a->category;
	o->part_count = o->data_count = 0;
	result = read_bytes(c, a, bytes);
	if (result == 0)
		result = json_read(&rules, bytes, a->size);
	if (result == 0 && j.box != 4 && !(o->boxless && j.box == 0))
		result = err(ERR_DATA, "byte %lld: an annotation without a `bbox` of four numbers", (long long)a->offset);
	if (result == 0 && o->category != a->category)
		result = err(ERR_DATA, "byte %lld: the file has changed", (long long)a->offset);
	free(bytes);
	return result < 0 ? err_in("%s", c->path) : 0;
}

void
coco_free(struct coco_object *o)
{
	free(o->parts);
	free(o->data);
	*o = (struct coco_object){ 0 };
}
