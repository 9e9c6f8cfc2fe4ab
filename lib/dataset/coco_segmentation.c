/* coco_segmentation - the mask of an object of a COCO file: polygons and RLE */
#include "dataset/coco_segmentation.h"
#include "base/err.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The form of the value: not read yet, a list of unknown items, of polygons, of numbers, of RLE; a single RLE. */
enum segmentation_form { NOT_READ, LIST, POLYGONS, NUMBERS, RLES, RLE };

enum rle_key { OTHER, COUNTS, SIZE };

static bool
is_number(const struct json_token *t)
{
	return t->kind == JSON_INT || t->kind == JSON_REAL;
}

static int
bad_form(void)
{
	return err(ERR_DATA, "'segmentation' is neither polygons nor RLE");
}

static int
bad_size(void)
{
	return err(ERR_DATA, "'size' of RLE is not height and width");
}

static void
add_part(struct coco_segmentation *s, int kind)
{
	s->parts = mem_room(s->parts, &s->part_room, (size_t)s->part_count + 1, sizeof *s->parts);
	s->parts[s->part_count++] = (struct coco_part){ kind, s->data_count, 0 };
	s->point = -1;
}

static int
add_number(struct coco_segmentation *s, double x)
{
	s->data = mem_room(s->data, &s->data_room, (size_t)s->data_count + 1, sizeof *s->data);
	s->data[s->data_count++] = x;
	s->parts[s->part_count - 1].count++;
	return 0;
}

static int
add_text(struct coco_segmentation *s, const struct json_token *t)
{
	double *counts = mem_array(t->size + 1, sizeof *counts);
	long i, n = raster_rle_text(t->text, t->size, counts);

	add_part(s, COCO_RLE);
	for (i = 0; i < n; i++)
		add_number(s, counts[i]);
	free(counts);
	return n < 0 ? -1 : 0;
}

static int
take_size(struct coco_segmentation *s, const struct json_token *t)
{
	int *to = s->sizes ? &s->width : &s->height;

	if (t->real != floor(t->real) || t->real < 1 || t->real > 65535 || s->sizes == 2)
		return bad_size();
	if (*to && *to != (int)t->real)
		return err(ERR_DATA, "RLE of several sizes in one 'segmentation'");
	*to = (int)t->real;
	s->sizes++;
	return 0;
}

/* A token in an RLE object; r: relative depth, 1 for keys and their values. */
static int
take_rle(struct coco_segmentation *s, const struct json_token *t, int r)
{
	if (r == 1 && t->kind == JSON_KEY) {
		s->key = strcmp(t->text, "counts") == 0 ? COUNTS : strcmp(t->text, "size") == 0 ? SIZE : OTHER;
		s->sizes = 0;
		return 0;
	}
	if (s->key == OTHER || (r == 1 && (t->kind == JSON_NULL || t->kind == JSON_ARRAY_END)))
		return 0;
	if (s->key == COUNTS && r == 1 && t->kind == JSON_TEXT)
		return add_text(s, t);
	if (r == 1 && t->kind == JSON_ARRAY) {
		if (s->key == COUNTS)
			add_part(s, COCO_RLE);
		return 0;
	}
	if (r != 2 || !is_number(t))
		return s->key == SIZE ? bad_size() : bad_form();
	return s->key == SIZE ? take_size(s, t) : add_number(s, t->real);
}

/* A token in a polygon; r: relative depth, 1 for its numbers or points, 2 for the numbers of a point. */
static int
take_polygon(struct coco_segmentation *s, const struct json_token *t, int r)
{
	long count = s->parts[s->part_count - 1].count;

	if (r == 1 && t->kind == JSON_ARRAY && (count == 0 || s->point >= 0)) {
		s->point = count;
		return 0;
	}
	if (r == 1 && t->kind == JSON_ARRAY_END && count - s->point == 2)
		return 0;
	return is_number(t) && r == (s->point >= 0 ? 2 : 1) ? add_number(s, t->real) : bad_form();
}

/* An item of the list; the first one determines the form of the list. */
static int
take_item(struct coco_segmentation *s, const struct json_token *t)
{
	enum segmentation_form form = is_number(t) ? NUMBERS
		: t->kind == JSON_ARRAY || t->kind == JSON_ARRAY_END ? POLYGONS : RLES;

	if ((form == RLES && t->kind != JSON_OBJECT && t->kind != JSON_OBJECT_END)
		|| (s->form != LIST && s->form != (int)form))
		return bad_form();
	if (t->kind == JSON_ARRAY || (form == NUMBERS && s->form == LIST))
		add_part(s, COCO_POLYGON);
	s->form = (int)form;
	s->key = OTHER;
	return form == NUMBERS ? add_number(s, t->real) : 0;
}

void
coco_segmentation_begin(struct coco_segmentation *s)
{
	s->height = s->width = 0;
	s->part_count = s->data_count = s->left_out = 0;
	s->form = NOT_READ;
	s->key = OTHER;
}

int
coco_segmentation_take(struct coco_segmentation *s, const struct json_token *t, int depth)
{
	const int r = t->depth - depth;

	if (r == 0) {
		if (t->kind == JSON_ARRAY || t->kind == JSON_OBJECT)
			s->form = t->kind == JSON_ARRAY ? LIST : RLE;
		else if (t->kind != JSON_ARRAY_END && t->kind != JSON_OBJECT_END && t->kind != JSON_NULL
			&& !(t->kind == JSON_TEXT && t->size == 0))
			return bad_form();
		return 0;
	}
	if (s->form == RLE)
		return take_rle(s, t, r);
	if (r == 1)
		return take_item(s, t);
	return s->form == RLES ? take_rle(s, t, r - 1) : s->form == POLYGONS ? take_polygon(s, t, r - 1) : bad_form();
}

/* Drop parts without pixels. */
void
coco_segmentation_end(struct coco_segmentation *s)
{
	long i, n = 0;

	for (i = 0; i < s->part_count; i++) {
		const struct coco_part *p = &s->parts[i];
		const bool half = p->kind == COCO_POLYGON && (p->count < 6 || p->count % 2);

		s->left_out += half;
		if (!half && p->count > 0)
			s->parts[n++] = *p;
	}
	s->part_count = n;
}

int
coco_segmentation_draw(const struct coco_segmentation *s, struct raster *r, uint8_t *map, uint8_t value)
{
	int result = 0;
	long i;

	if (s->width && (s->width != r->width || s->height != r->height))
		return err(ERR_DATA, "RLE has %dx%d pixels, but the image has %dx%d", s->width, s->height, r->width,
			r->height);
	for (i = 0; i < s->part_count && result == 0; i++) {
		const struct coco_part *p = &s->parts[i];

		result = p->kind == COCO_RLE ? raster_rle(r, s->data + p->first, p->count, map, value)
			: raster_polygon(r, s->data + p->first, p->count / 2, map, value);
	}
	return result;
}

void
coco_segmentation_free(struct coco_segmentation *s)
{
	free(s->parts);
	free(s->data);
	*s = (struct coco_segmentation){ 0 };
}
