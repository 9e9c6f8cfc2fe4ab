/* relabel - what is true of an image, after its pixels were placed anew */
#include "annotation/relabel.h"
#include "base/err.h"

#include <math.h>
#include <string.h>

enum { CROWD = 2, TRUNCATED = 4 };	/* bits of box_flags */

/* A box of which less than this is left is cut off: tscae-synth's measure of an object that leaves the image. */
static const double cut_off = 0.98;

/* Fields with a row for each box. */
static const struct row { const char *name; enum tensor_type type; int rank; } rows[] = {
	{ "boxes", TENSOR_F32, 2 },
	{ "box_class", TENSOR_I32, 1 },
	{ "box_flags", TENSOR_U8, 1 },
	{ "box_area", TENSOR_F32, 1 },
	{ NULL }
};
enum { BOXES, CLASS, FLAGS, AREA };

/* Fields about pixels that are moved by nobody: names, or what they begin with. */
static const char *const stale[] = { "box_*", "region*", "mask*", "prediction*", "predicted_*", "attention", "size", NULL };

static bool
moved(const char *name)
{
	const struct row *row;

	for (row = rows; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return true;
	return false;
}

static bool
is_stale(const char *name)
{
	int i;

	for (i = 0; stale[i]; i++) {
		const size_t n = strcspn(stale[i], "*");

		if (strncmp(name, stale[i], n) == 0 && (stale[i][n] || !name[n]))
			return !moved(name);
	}
	return false;
}

void
relabel_header(const struct relabel *to, struct header *h)
{
	const struct row *row;
	int i;

	for (i = h->field_count - 1; i >= 0; i--)
		if (is_stale(h->fields[i].name))
			header_drop_field(h, h->fields[i].name);
	/* how many boxes are left is not known */
	for (row = rows; row->name; row++)
		if (header_field(h, row->name))
			header_put_field(h, row->name, row->type, row->rank, (long[2]){ 0, row->rank == 2 ? 4 : 0 });
	if (header_field(h, "labels"))
		header_put_field(h, "labels", TENSOR_U8, 2, (long[2]){ to->height, to->width });
	header_put_field(h, "transform", TENSOR_F64, 1, (long[1]){ 4 });
	header_put_field(h, "source_size", TENSOR_I32, 1, (long[1]){ 2 });
	header_put_field(h, "placed", TENSOR_I32, 1, (long[1]){ 4 });
}

/* The fields that the record has of `rows`, in their order; NULL where it has none. */
static int
find_rows(const struct record *r, const struct tensor *found[])
{
	int i;

	for (i = 0; rows[i].name; i++) {
		found[i] = NULL;
		if (!record_get(r, rows[i].name))
			continue;
		found[i] = record_tensor(r, rows[i].name, rows[i].type, rows[i].rank);
		if (!found[i])
			return -1;
		if (!found[BOXES])
			return err(ERR_DATA, "field \"%s\" without boxes", rows[i].name);
		if (found[i]->shape[0] != found[BOXES]->shape[0])
			return err(ERR_DATA, "field \"%s\" has %ld rows beside %ld boxes", rows[i].name, found[i]->shape[0], found[BOXES]->shape[0]);
	}
	if (found[BOXES] && found[BOXES]->shape[1] != 4)
		return err(ERR_DATA, "field \"boxes\" has rows of %ld numbers, not 4", found[BOXES]->shape[1]);
	return 0;
}

static int
move_boxes(const struct relabel *to, struct record *r, const struct geometry *p)
{
	const double scale = (double)p->width / p->part.width * p->height / p->part.height;
	const struct tensor *found[sizeof rows / sizeof *rows];
	char *out[sizeof rows / sizeof *rows] = { 0 };
	long i, k, count = 0, n;

	if (find_rows(r, found) < 0)
		return -1;
	n = found[BOXES] ? found[BOXES]->shape[0] : 0;
	for (k = 0; rows[k].name; k++)
		out[k] = found[k] ? arena_copy(&r->arena, found[k]->data, tensor_bytes(found[k])) : NULL;
	for (i = 0; i < n; i++) {
		const float *from = (const float *)found[BOXES]->data + 4 * i;
		const uint8_t flags = found[FLAGS] ? ((const uint8_t *)found[FLAGS]->data)[i] : 0;
		double left;

		if (!isfinite(from[0]) || !isfinite(from[1]) || !isfinite(from[2]) || !isfinite(from[3]))
			return err(ERR_DATA, "box %ld is not of finite numbers", i);
		if (!(from[2] > from[0] && from[3] > from[1]))
			continue;
		left = geometry_box(p, from, (float *)out[BOXES] + 4 * count);
		if (!(left > 0) || (left < to->visible && !(flags & CROWD)))
			continue;
		for (k = CLASS; rows[k].name; k++)
			if (out[k])
				memcpy(out[k] + (size_t)count * tensor_width(rows[k].type), (const char *)found[k]->data + (size_t)i * tensor_width(rows[k].type), tensor_width(rows[k].type));
		if (out[FLAGS] && left < cut_off)
			((uint8_t *)out[FLAGS])[count] |= TRUNCATED;
		if (out[AREA])
			((float *)out[AREA])[count] = (float)(((const float *)found[AREA]->data)[i] * scale * left);
		count++;
	}
	for (k = 0; rows[k].name; k++)
		if (out[k])
			memcpy(record_put_tensor(r, rows[k].name, rows[k].type, rows[k].rank, (long[2]){ count, 4 }), out[k],
				(size_t)count * (k == BOXES ? 4 : 1) * tensor_width(rows[k].type));
	return 0;
}

static int
move_labels(const struct relabel *to, struct record *r, const struct geometry *p, int width, int height)
{
	const struct tensor *t;
	struct image from, map;

	if (!record_get(r, "labels"))
		return 0;
	t = record_tensor(r, "labels", TENSOR_U8, 2);
	if (!t)
		return -1;
	if (t->shape[0] != height || t->shape[1] != width)
		return err(ERR_DATA, "a segmentation map of %ldx%ld beside an image of %dx%d (height x width)", t->shape[0], t->shape[1], height, width);
	from = image_over(t->data, width, height, 1);
	map = image_over(record_put_tensor(r, "labels", TENSOR_U8, 2, (long[2]){ to->height, to->width }), to->width, to->height, 1);
	geometry_segmap(p, &r->arena, &map, &from, RELABEL_VOID);
	return 0;
}

/* Where the image lies now, from where it was decoded: one mapping after another is one mapping. */
static int
put_transform(struct record *r, const struct geometry *p, int width, int height)
{
	double map[4];
	int i;

	geometry_affine(p, map);
	if (record_get(r, "transform")) {
		const struct tensor *t = record_tensor(r, "transform", TENSOR_F64, 1);
		const double *was = t ? t->data : NULL;

		if (!t)
			return -1;
		if (t->shape[0] != 4)
			return err(ERR_DATA, "field \"transform\" has %ld numbers, not 4", t->shape[0]);
		for (i = 0; i < 4; i += 2) {
			map[i] += map[i + 1] * was[i];
			map[i + 1] *= was[i + 1];
		}
	}
	memcpy(record_put_tensor(r, "transform", TENSOR_F64, 1, (long[1]){ 4 }), map, sizeof map);
	if (!record_get(r, "source_size"))
		memcpy(record_put_tensor(r, "source_size", TENSOR_I32, 1, (long[1]){ 2 }), (int32_t[2]){ height, width }, 2 * sizeof(int32_t));
	memcpy(record_put_tensor(r, "placed", TENSOR_I32, 1, (long[1]){ 4 }),
		(int32_t[4]){ p->placed.left, p->placed.top, p->placed.width, p->placed.height }, 4 * sizeof(int32_t));
	return 0;
}

int
relabel_record(const struct relabel *to, struct record *r, const struct geometry *p, int from_width, int from_height)
{
	int i;

	for (i = r->count - 1; i >= 0; i--)
		if (is_stale(r->fields[i].name))
			record_drop(r, r->fields[i].name);
	if (move_boxes(to, r, p) < 0 || move_labels(to, r, p, from_width, from_height) < 0)
		return -1;
	return put_transform(r, p, from_width, from_height);
}
