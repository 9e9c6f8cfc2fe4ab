/* transform - boxes and segmentation maps through a crop, flip and resize, and predictions back */
#include "annotation/transform.h"
#include "annotation/boxes.h"
#include "annotation/image_class.h"
#include "annotation/image_size.h"
#include "annotation/segmap.h"
#include "base/err.h"
#include "codec/image.h"
#include "stream/reader.h"
#include "stream/tensor.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char name[] = "transform", source_size[] = "source_size", placed[] = "placed";

/* A box of which a smaller fraction is left is truncated; tscae-synth has the same limit. */
static const double whole = 0.98;

/* Beginnings of the names of fields that describe pixels or patches of the image before the crop, but for its size and
   for the columns of the boxes, which are transformed. */
static const char *const stale[] = { "box_", "region", "mask", "prediction", "predicted_", NULL };

/* True for a field that the crop makes wrong. A feature of rank 2 has a row for each patch. */
static bool
is_stale(const char *field, int rank)
{
	int i;

	for (i = 0; stale[i]; i++)
		if (strncmp(field, stale[i], strlen(stale[i])) == 0)
			return !boxes_is_field(field, BOXES_GT);
	return strcmp(field, IMAGE_CLASS_SCORE) == 0 || strcmp(field, "attention") == 0 ||
		(rank == 2 && strcmp(field, "feature") == 0);
}

/* True for a tensor that a record keeps on the way back. */
static bool
is_kept(const char *field)
{
	return boxes_is_field(field, BOXES_PREDICTED) || strcmp(field, segmap_name(SEGMAP_PREDICTED)) == 0 ||
		strcmp(field, IMAGE_CLASS_SCORE) == 0;
}

void
transform_header(const struct transform *to, struct header *h)
{
	int i;

	for (i = h->field_count - 1; i >= 0; i--)
		if (is_stale(h->fields[i].name, h->fields[i].rank))
			header_drop_field(h, h->fields[i].name);
	image_size_undeclare(h);
	/* the number of boxes that are left is not known */
	boxes_declare(h, BOXES_GT, boxes_declared(h, BOXES_GT));
	if (segmap_declared(h, SEGMAP_GT))
		segmap_declare(h, SEGMAP_GT, to->height, to->width);
	header_put_field(h, name, TENSOR_F64, 1, (long[1]){ 4 });
	header_put_field(h, source_size, TENSOR_I32, 1, (long[1]){ 2 });
	header_put_field(h, placed, TENSOR_I32, 1, (long[1]){ 4 });
}

static int
move_boxes(const struct transform *to, struct record *r, const struct geometry *p)
{
	const double scale = (double)p->width / p->part.width * p->height / p->part.height;
	struct boxes from, into;
	long i;

	if (boxes_read(&from, r, BOXES_GT, 0, 0) < 0)
		return -1;
	into = boxes_new(&r->arena, from.columns, from.count);
	for (i = 0; i < from.count; i++) {
		const bool crowd = from.columns & BOXES_FLAGS && from.flags[i] & BOX_CROWD;
		const long k = into.count;
		float box[4];
		double left;

		if (!(from.box[i][2] > from.box[i][0] && from.box[i][3] > from.box[i][1]))
			continue;
		left = geometry_box(p, from.box[i], box);
		if (!(left > 0) || (left < to->visible && !crowd))
			continue;
		boxes_append(&into, &from, i);
		memcpy(into.box[k], box, sizeof box);
		if (from.columns & BOXES_FLAGS && left < whole)
			into.flags[k] |= BOX_TRUNCATED;
		if (from.columns & BOXES_AREA)
			into.area[k] = (float)(from.area[i] * scale * left);
	}
	boxes_write(&into, r, BOXES_GT);
	return 0;
}

static int
move_map(const struct transform *to, struct record *r, const struct geometry *p, int width, int height)
{
	const struct tensor *t;
	struct image from, map;

	if (!segmap_has(r, SEGMAP_GT))
		return 0;
	if (!(t = segmap_read(r, SEGMAP_GT, height, width, 0)))
		return -1;
	from = image_over(t->data, width, height, 1);
	map = image_over(segmap_put(r, SEGMAP_GT, to->height, to->width), to->width, to->height, 1);
	geometry_segmap(p, &r->arena, &map, &from, SEGMAP_IGNORE);
	return 0;
}

bool
transform_has(const struct record *r)
{
	return record_get(r, name);
}

int
transform_read(const struct record *r, double map[4])
{
	const struct tensor *t;

	if (!transform_has(r))
		return 0;
	if (!(t = record_tensor(r, name, TENSOR_F64, 1)))
		return -1;
	if (t->shape[0] != 4)
		return err(ERR_DATA, "field '%s' has %ld numbers, not 4", name, t->shape[0]);
	memcpy(map, t->data, 4 * sizeof *map);
	if (!isfinite(map[0]) || !isfinite(map[2]) || !isnormal(map[1]) || !isnormal(map[3]))
		return err(ERR_DATA, "field '%s': %g %g %g %g cannot be inverted", name, map[0], map[1], map[2],
			map[3]);
	if (map[3] < 0)
		return err(ERR_DATA, "field '%s': a vertical scale of %g, but it must be positive", name, map[3]);
	return 1;
}

void
transform_drop(struct record *r)
{
	record_drop(r, name);
	record_drop(r, source_size);
	record_drop(r, placed);
}

void
transform_undeclare(struct header *h)
{
	header_drop_field(h, name);
	header_drop_field(h, source_size);
	header_drop_field(h, placed);
}

/* The decoded image: the mapping from it and its size, the fields `transform` and `source_size`. */
struct origin { double map[4]; int height, width; };

static int
read_origin(const struct record *r, struct origin *o)
{
	const int found = transform_read(r, o->map);
	const struct tensor *s;

	if (found <= 0)
		return found < 0 ? -1 : err(ERR_DATA, "no field '%s'", name);
	if (!(s = record_tensor(r, source_size, TENSOR_I32, 1)))
		return -1;
	if (s->shape[0] != 2)
		return err(ERR_DATA, "field '%s' has %ld numbers, not 2", source_size, s->shape[0]);
	o->height = ((const int32_t *)s->data)[0];
	o->width = ((const int32_t *)s->data)[1];
	if (o->height < 1 || o->width < 1)
		return err(ERR_DATA, "field '%s' is %d x %d", source_size, o->height, o->width);
	return 0;
}

/* From the image as it was decoded: one mapping after another is one mapping. */
static int
put_transform(struct record *r, const struct geometry *p, int width, int height)
{
	struct origin o = { .height = height, .width = width };
	const bool again = transform_has(r) || record_get(r, source_size);
	double map[4];
	int i;

	if (again && read_origin(r, &o) < 0)
		return -1;
	geometry_affine(p, map);
	for (i = 0; again && i < 4; i += 2) {
		map[i] += map[i + 1] * o.map[i];
		map[i + 1] *= o.map[i + 1];
	}
	memcpy(record_put_tensor(r, name, TENSOR_F64, 1, (long[1]){ 4 }), map, sizeof map);
	memcpy(record_put_tensor(r, source_size, TENSOR_I32, 1, (long[1]){ 2 }),
		(int32_t[2]){ o.height, o.width }, 2 * sizeof(int32_t));
	memcpy(record_put_tensor(r, placed, TENSOR_I32, 1, (long[1]){ 4 }),
		(int32_t[4]){ p->placed.left, p->placed.top, p->placed.width, p->placed.height }, 4 * sizeof(int32_t));
	return 0;
}

int
transform_record(const struct transform *to, struct record *r, const struct geometry *p, int width, int height)
{
	int i;

	for (i = r->count - 1; i >= 0; i--) {
		const struct value *v = &r->fields[i].value;

		if (is_stale(r->fields[i].name, v->kind == VALUE_TENSOR ? v->tensor.rank : 0))
			record_drop(r, r->fields[i].name);
	}
	image_size_drop(r);
	if (move_boxes(to, r, p) < 0 || move_map(to, r, p, width, height) < 0)
		return -1;
	return put_transform(r, p, width, height);
}

int
transform_cut_padding(const struct record *r, struct image *p)
{
	const struct tensor *t;
	const int32_t *at;

	if (!record_get(r, placed))
		return 0;
	t = record_tensor(r, placed, TENSOR_I32, 1);
	if (!t)
		return -1;
	at = t->data;
	if (t->shape[0] != 4 || at[0] < 0 || at[1] < 0 || at[2] < 1 || at[3] < 1 || at[0] > p->width - at[2] ||
		at[1] > p->height - at[3])
		return err(ERR_DATA, "field '%s' is not a rectangle of the image", placed);
	*p = image_part(p, at[0], at[1], at[2], at[3]);
	return 0;
}

int
transform_back_header(struct header *h)
{
	int i;

	if (!header_field(h, name) || !header_field(h, source_size))
		return err(ERR_DATA,
			"the images of this stream were not cropped: it has no transform (tscae-crop adds one)");
	header_set_kind(h, "label");
	for (i = h->field_count - 1; i >= 0; i--)
		if (!is_kept(h->fields[i].name))
			header_drop_field(h, h->fields[i].name);
	boxes_declare(h, BOXES_PREDICTED, boxes_declared(h, BOXES_PREDICTED));
	if (segmap_declared(h, SEGMAP_PREDICTED))
		segmap_declare(h, SEGMAP_PREDICTED, 0, 0);
	image_size_declare(h);
	record_drop(&h->extra, "crop");
	return 0;
}

/* One direction back, clipped to the image. */
static void
invert_range(double offset, double scale, float from, float to, int limit, float *low, float *high)
{
	const double a = (from - offset) / scale, b = (to - offset) / scale;

	*low = (float)fmin(fmax(fmin(a, b), 0), limit);
	*high = (float)fmin(fmax(fmax(a, b), 0), limit);
}

static int
move_boxes_back(struct record *r, const struct origin *o)
{
	struct boxes from, to;
	long i;

	if (boxes_read(&from, r, BOXES_PREDICTED, 0, 0) < 0)
		return -1;
	to = boxes_new(&r->arena, from.columns, from.count);
	for (i = 0; i < from.count; i++) {
		float box[4];

		invert_range(o->map[0], o->map[1], from.box[i][0], from.box[i][2], o->width, &box[0], &box[2]);
		invert_range(o->map[2], o->map[3], from.box[i][1], from.box[i][3], o->height, &box[1], &box[3]);
		if (!(box[2] > box[0] && box[3] > box[1]))
			continue;
		boxes_append(&to, &from, i);
		memcpy(to.box[to.count - 1], box, sizeof box);
	}
	boxes_write(&to, r, BOXES_PREDICTED);
	return 0;
}

static int
move_map_back(struct record *r, const struct origin *o)
{
	const struct tensor *t;
	struct image image = { 0 };
	const double *map = o->map;
	const uint8_t *from;
	uint8_t *to;
	long height, width;
	int x, y;

	if (!segmap_has(r, SEGMAP_PREDICTED))
		return 0;
	if (record_get(r, "image") && image_read(r, "image", &image) < 0)
		return -1;
	t = segmap_read(r, SEGMAP_PREDICTED, image.height, image.width, 0);
	if (!t)
		return -1;
	from = t->data;
	height = t->shape[0];
	width = t->shape[1];
	to = segmap_put(r, SEGMAP_PREDICTED, o->height, o->width);
	for (y = 0; y < o->height; y++)
		for (x = 0; x < o->width; x++) {
			const double u = floor(map[0] + map[1] * (x + 0.5)), v = floor(map[2] + map[3] * (y + 0.5));
			const bool shown = u >= 0 && v >= 0 && u < (double)width && v < (double)height;

			*to++ = shown ? from[(long)v * width + (long)u] : SEGMAP_IGNORE;
		}
	return 0;
}

int
transform_back_record(struct record *r)
{
	struct origin o;
	int i;

	if (read_origin(r, &o) < 0)
		return -1;
	if ((size_t)o.height * (size_t)o.width > STREAM_BINARY_MAX)
		return err(ERR_DATA, "field '%s' is %d x %d, but an image has at most %zu pixels", source_size,
			o.height, o.width, (size_t)STREAM_BINARY_MAX);
	if (move_boxes_back(r, &o) < 0 || move_map_back(r, &o) < 0)
		return -1;
	for (i = r->count - 1; i >= 0; i--)
		if (r->fields[i].value.kind == VALUE_TENSOR && !is_kept(r->fields[i].name))
			record_drop(r, r->fields[i].name);
	record_drop(r, "flip");
	image_size_put(r, o.height, o.width);
	return 0;
}
