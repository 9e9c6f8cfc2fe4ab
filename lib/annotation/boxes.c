/* boxes - the boxes of an image: their fields in a record, one validator, geometry */
#include "annotation/boxes.h"
#include "base/err.h"
#include "base/mem.h"
#include "stream/tensor.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* In the order of enum boxes_column. NULL: records of that kind have no such field. */
static const struct column {
	const char *name[BOXES_KINDS];
	enum tensor_type type;
	int width;
} columns[BOXES_COLUMNS] = {
	{ { "boxes", "predicted_boxes" }, TENSOR_F32, 4 },
	{ { "box_class", "predicted_box_class" }, TENSOR_I32, 1 },
	{ { "box_flags", NULL }, TENSOR_U8, 1 },
	{ { "box_area", NULL }, TENSOR_F32, 1 },
	{ { NULL, "predicted_box_score" }, TENSOR_F32, 1 },
};

enum { BOX, CLASS, FLAGS, AREA, SCORE };	/* rows of the table */

static int
rank(const struct column *c)
{
	return c->width > 1 ? 2 : 1;
}

/* Bytes of a row. */
static size_t
row_bytes(const struct column *c)
{
	return tensor_width(c->type) * (size_t)c->width;
}

const char *
boxes_name(enum boxes_kind kind)
{
	return columns[BOX].name[kind];
}

bool
boxes_is_field(const char *name, enum boxes_kind kind)
{
	int i;

	for (i = 0; i < BOXES_COLUMNS; i++)
		if (columns[i].name[kind] && strcmp(name, columns[i].name[kind]) == 0)
			return true;
	return false;
}

bool
boxes_has(const struct record *r, enum boxes_kind kind)
{
	return record_get(r, columns[BOX].name[kind]);
}

static int
read_column(struct boxes *b, const struct record *r, enum boxes_kind kind, int i)
{
	const struct column *c = &columns[i];
	const char *name = c->name[kind], *boxes = columns[BOX].name[kind];
	const struct tensor *t = record_tensor(r, name, c->type, rank(c));

	if (!t)
		return -1;
	if (i != BOX && !(b->columns & BOXES_BOX))
		return err(ERR_DATA, "field '%s' without '%s'", name, boxes);
	if (i == BOX && t->shape[1] != c->width)
		return err(ERR_DATA, "field '%s' has rows of %ld numbers, not %d", name, t->shape[1], c->width);
	if (i == BOX)
		b->count = t->shape[0];
	if (t->shape[0] != b->count)
		return err(ERR_DATA, "field '%s' has %ld rows, but '%s' has %ld", name, t->shape[0], boxes, b->count);
	b->columns |= 1U << i;
	b->column[i] = t->data;
	return 0;
}

static int
check_row(const struct boxes *b, enum boxes_kind kind, long i, long classes)
{
	const float *box = b->box[i];

	if (!isfinite(box[0]) || !isfinite(box[1]) || !isfinite(box[2]) || !isfinite(box[3]))
		return err(ERR_DATA, "field '%s': box %ld is not finite", columns[BOX].name[kind], i);
	if (box[2] < box[0] || box[3] < box[1])
		return err(ERR_DATA, "field '%s': box %ld ends before it begins", columns[BOX].name[kind], i);
	if (b->columns & BOXES_CLASS && classes && (b->class[i] < 0 || b->class[i] >= classes))
		return err(ERR_DATA, "field '%s': class %d of box %ld, but there are %ld classes",
			columns[CLASS].name[kind], (int)b->class[i], i, classes);
	if (b->columns & BOXES_AREA && !isfinite(b->area[i]))
		return err(ERR_DATA, "field '%s': the area of box %ld is not finite", columns[AREA].name[kind], i);
	if (b->columns & BOXES_SCORE && !isfinite(b->score[i]))
		return err(ERR_DATA, "field '%s': the score of box %ld is not finite", columns[SCORE].name[kind], i);
	return 0;
}

int
boxes_read(struct boxes *b, const struct record *r, enum boxes_kind kind, unsigned needed, long classes)
{
	long i;

	*b = (struct boxes){ 0 };
	for (i = 0; i < BOXES_COLUMNS; i++) {
		const char *name = columns[i].name[kind];

		assert(name || !(needed & 1U << i));
		if (name && (needed & 1U << i || record_get(r, name)) && read_column(b, r, kind, (int)i) < 0)
			return -1;
	}
	for (i = 0; i < b->count; i++)
		if (check_row(b, kind, i, classes) < 0)
			return -1;
	return 0;
}

void
boxes_write(const struct boxes *b, struct record *r, enum boxes_kind kind)
{
	int i;

	for (i = 0; i < BOXES_COLUMNS; i++) {
		const struct column *c = &columns[i];

		if (!(b->columns & 1U << i)) {
			if (c->name[kind])
				record_drop(r, c->name[kind]);
			continue;
		}
		assert(c->name[kind]);
		memcpy(record_put_tensor(r, c->name[kind], c->type, rank(c), (long[2]){ b->count, c->width }),
			b->column[i], row_bytes(c) * (size_t)b->count);
	}
}

unsigned
boxes_declared(const struct header *h, enum boxes_kind kind)
{
	unsigned found = 0;
	int i;

	for (i = 0; i < BOXES_COLUMNS; i++)
		if (columns[i].name[kind] && header_field(h, columns[i].name[kind]))
			found |= 1U << i;
	return found;
}

void
boxes_declare(struct header *h, enum boxes_kind kind, unsigned declared)
{
	int i;

	for (i = 0; i < BOXES_COLUMNS; i++) {
		const struct column *c = &columns[i];

		if (declared & 1U << i)
			header_put_field(h, c->name[kind], c->type, rank(c), (long[2]){ 0, c->width });
		else if (c->name[kind])
			header_drop_field(h, c->name[kind]);
	}
}

struct boxes
boxes_new(struct arena *a, unsigned which, long room)
{
	struct boxes b = { .columns = which };
	int i;

	for (i = 0; i < BOXES_COLUMNS; i++)
		if (which & 1U << i)
			b.column[i] = arena_array(a, (size_t)room, row_bytes(&columns[i]));
	return b;
}

void
boxes_append(struct boxes *to, const struct boxes *from, long i)
{
	int k;

	for (k = 0; k < BOXES_COLUMNS; k++) {
		const size_t bytes = row_bytes(&columns[k]);
		char *row = (char *)to->column[k] + bytes * (size_t)to->count;

		if (!(to->columns & 1U << k))
			continue;
		if (from->columns & 1U << k)
			memcpy(row, (const char *)from->column[k] + bytes * (size_t)i, bytes);
		else
			memset(row, 0, bytes);
	}
	to->count++;
}

bool
boxes_clip(float box[4], float width, float height)
{
	int i;

	for (i = 0; i < 4; i++)
		box[i] = fminf(fmaxf(box[i], 0), i % 2 ? height : width);
	return box[2] > box[0] && box[3] > box[1];
}

float
boxes_area(const float box[4])
{
	return (box[2] - box[0]) * (box[3] - box[1]);
}

float
boxes_iou(const float a[4], const float b[4])
{
	const float w = fminf(a[2], b[2]) - fmaxf(a[0], b[0]), h = fminf(a[3], b[3]) - fmaxf(a[1], b[1]);
	const float both = w > 0 && h > 0 ? w * h : 0;
	const float all = boxes_area(a) + boxes_area(b) - both;

	return all > 0 ? both / all : 0;
}
