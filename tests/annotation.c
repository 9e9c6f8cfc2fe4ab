/* annotation - boxes and segmentation maps of records: the validators, the transform and its inverse

   "annotation FILE COUNT KIND" writes labeled images, sound or not; "annotation FILE FILE" makes the ground truth of a
   stream its prediction. */
#include "annotation/boxes.h"
#include "annotation/segmap.h"
#include "annotation/transform.h"
#include "base/err.h"
#include "base/rng.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "stream/tensor.h"
#include "stream/writer.h"
#include "tap.h"
#include "transform/geometry.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOXES = 6 };

static void *
put(struct record *r, const char *name, enum tensor_type type, long n)
{
	return record_put_tensor(r, name, type, 1, &n);
}

/* An image of random size with random boxes, some of them crowds or without area, and a segmentation map. */
static void
fill(struct record *r, long number)
{
	struct rng rng = rng_at(3, number, "labeled", "");
	const long width = 20 + rng_below(&rng, 60), height = 20 + rng_below(&rng, 60),
		count = rng_below(&rng, BOXES + 1);
	float *box, *area;
	int32_t *class;
	uint8_t *flags, *image, *labels;
	char key[32];
	long i;

	record_reset(r);
	snprintf(key, sizeof key, "image/%ld", number);
	record_set_key(r, key);
	r->epoch = 0;
	record_put_int(r, "class", number % 3);
	record_put_int(r, "index", number);
	box = record_put_tensor(r, "boxes", TENSOR_F32, 2, (long[2]){ count, 4 });
	class = put(r, "box_class", TENSOR_I32, count);
	flags = put(r, "box_flags", TENSOR_U8, count);
	area = put(r, "box_area", TENSOR_F32, count);
	for (i = 0; i < count; i++) {
		const double w = rng_unit(&rng) * (double)width, h = rng_unit(&rng) * (double)height;

		box[4 * i] = (float)(rng_unit(&rng) * ((double)width - w));
		box[4 * i + 1] = (float)(rng_unit(&rng) * ((double)height - h));
		box[4 * i + 2] = rng_below(&rng, 12) ? (float)(box[4 * i] + w) : box[4 * i];
		box[4 * i + 3] = (float)(box[4 * i + 1] + h);
		class[i] = (int32_t)(1000 * number + i);
		flags[i] = rng_below(&rng, 4) ? 0 : 2;
		area[i] = (float)(w * h / 2);
	}
	labels = record_put_tensor(r, "labels", TENSOR_U8, 2, (long[2]){ height, width });
	image = record_put_tensor(r, "image", TENSOR_U8, 3, (long[3]){ height, width, 3 });
	for (i = 0; i < width * height; i++)
		labels[i] = (uint8_t)rng_below(&rng, 20);
	for (i = 0; i < 3 * width * height; i++)
		image[i] = (uint8_t)rng_word(&rng);
	memset(record_put_tensor(r, "mask", TENSOR_U8, 2, (long[2]){ 4, 4 }), 0, 16);
	record_put_tensor(r, "regions", TENSOR_I32, 2, (long[2]){ 0, 3 });
}

/* Errors in labels. */
static void
spoil(struct record *r, const char *how)
{
	float *box = record_put_tensor(r, "boxes", TENSOR_F32, 2, (long[2]){ 2, 4 });

	memcpy(box, (float[8]){ 0, 0, 9, 9, 5, 5, 10, 10 }, 8 * sizeof *box);
	memset(put(r, "box_class", TENSOR_I32, 2), 0, 8);
	record_drop(r, "box_flags");
	record_drop(r, "box_area");
	if (strcmp(how, "nan") == 0)
		box[5] = NAN;
	else if (strcmp(how, "infinite") == 0)
		box[2] = INFINITY;
	else if (strcmp(how, "backwards") == 0)
		box[6] = 4;
	else if (strcmp(how, "rows") == 0)
		memset(put(r, "box_class", TENSOR_I32, 3), 0, 12);
	else if (strcmp(how, "type") == 0)
		memset(put(r, "box_class", TENSOR_I64, 2), 0, 16);
	else if (strcmp(how, "columns") == 0)
		memset(record_put_tensor(r, "boxes", TENSOR_F32, 2, (long[2]){ 2, 3 }), 0, 24);
	else if (strcmp(how, "alone") == 0)
		record_drop(r, "boxes");
	else if (strcmp(how, "map") == 0)
		memset(record_put_tensor(r, "labels", TENSOR_U8, 2, (long[2]){ 7, 7 }), 0, 49);
	else if (strcmp(how, "deep") == 0)
		memset(record_put_tensor(r, "labels", TENSOR_U8, 3, (long[3]){ 7, 7, 1 }), 0, 49);
}

static const char *const wrongs[] = { "nan", "infinite", "backwards", "rows", "type", "columns", "alone", "map",
	"deep" };

static int
write_stream(const char *path, long count, const char *how)
{
	struct header h = { 0 };
	struct record r = { 0 };
	struct writer *w;
	long i;

	header_set_kind(&h, "image");
	header_put_field(&h, "image", TENSOR_U8, 3, (long[3]){ 0, 0, 3 });
	if (strcmp(how, "sound") == 0) {
		header_put_field(&h, "boxes", TENSOR_F32, 2, (long[2]){ 0, 4 });
		header_put_field(&h, "labels", TENSOR_U8, 2, NULL);
		header_put_field(&h, "mask", TENSOR_U8, 2, NULL);
	}
	header_add_history(&h, "annotation");
	w = writer_open(path, &h);
	for (i = 0; i < count; i++) {
		fill(&r, i);
		if (strcmp(how, "sound") && i == count - 1)
			spoil(&r, how);
		if (writer_put(w, &r) < 0)
			break;
	}
	record_free(&r);
	header_free(&h);
	return writer_close(w) < 0;
}

static struct geometry
whole(const struct record *r, int to_width, int to_height, bool flip)
{
	const struct tensor *t = record_tensor(r, "image", TENSOR_U8, 3);
	struct geometry p = geometry_resized_crop(
		(struct rect){ 0, 0, (int)t->shape[1], (int)t->shape[0] }, to_width, to_height);

	p.flip = flip;
	return p;
}

static void
check_wrong(void)
{
	const struct transform to = { 32, 32, 0.1 };
	struct record r = { 0 };
	size_t i;

	for (i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		struct geometry p;
		const struct tensor *t;

		fill(&r, 0);
		spoil(&r, wrongs[i]);
		p = whole(&r, 32, 32, false);
		t = record_tensor(&r, "image", TENSOR_U8, 3);
		ok(transform_record(&to, &r, &p, (int)t->shape[1], (int)t->shape[0]) < 0 && err_status() == ERR_DATA,
			"a crop refuses a record with malformed labels (%s): %s", wrongs[i], err_text());
	}
	record_free(&r);
}

/* Flipping twice, or enlarging and shrinking again, gives the same labels. */
static void
check_back(bool flip, int times)
{
	struct record r = { 0 }, was = { 0 };
	int i, bad = 0;

	for (i = 0; i < 200; i++) {
		const struct tensor *t, *b, *u;
		struct transform there, back;
		struct geometry p;
		long j, k = 0;

		fill(&r, i);
		record_copy(&was, &r);
		t = record_tensor(&was, "image", TENSOR_U8, 3);
		back = (struct transform){ (int)t->shape[1], (int)t->shape[0], 0.1 };
		there = (struct transform){ times * back.width, times * back.height, 0.1 };
		p = whole(&was, there.width, there.height, flip);
		bad += transform_record(&there, &r, &p, back.width, back.height) < 0;
		p = geometry_resized_crop((struct rect){ 0, 0, there.width, there.height }, back.width, back.height);
		p.flip = flip;
		bad += transform_record(&back, &r, &p, there.width, there.height) < 0;
		t = record_tensor(&was, "labels", TENSOR_U8, 2);
		u = record_tensor(&r, "labels", TENSOR_U8, 2);
		bad += memcmp(t->data, u->data, tensor_bytes(t)) != 0;
		t = record_tensor(&was, "boxes", TENSOR_F32, 2);
		b = record_tensor(&was, "box_class", TENSOR_I32, 1);
		for (j = 0; j < t->shape[0]; j++) {
			const float *box = (const float *)t->data + 4 * j, *now;
			int c;

			if (!(box[2] > box[0] && box[3] > box[1]))
				continue;
			now = (const float *)record_tensor(&r, "boxes", TENSOR_F32, 2)->data + 4 * k;
			for (c = 0; c < 4; c++)
				bad += fabsf(now[c] - box[c]) > 1e-4f;
			bad += ((const int32_t *)b->data)[j] !=
				((const int32_t *)record_tensor(&r, "box_class", TENSOR_I32, 1)->data)[k];
			k++;
		}
		bad += record_tensor(&r, "boxes", TENSOR_F32, 2)->shape[0] != k;
		t = record_tensor(&r, "transform", TENSOR_F64, 1);
		for (j = 0; j < 4; j++)
			bad += fabs(((const double *)t->data)[j] - (double)(j % 2)) > 1e-9;
		bad += record_get(&r, "mask") || record_get(&r, "regions") || !record_get(&r, "class");
	}
	ok(!bad, "crop of the whole image, %s, %d times the size, and back: boxes and maps are the same",
		flip ? "mirrored" : "plain", times);
	record_free(&r);
	record_free(&was);
}

/* Predictions equal to the labels. */
static void
predict(struct record *r)
{
	const struct tensor boxes = *record_tensor(r, "boxes", TENSOR_F32, 2),
		class = *record_tensor(r, "box_class", TENSOR_I32, 1);
	const struct value *labels = record_get(r, "labels");
	float *score;
	long i;

	memcpy(record_put_tensor(r, "predicted_boxes", TENSOR_F32, 2, boxes.shape), boxes.data, tensor_bytes(&boxes));
	memcpy(record_put_tensor(r, "predicted_box_class", TENSOR_I32, 1, class.shape), class.data,
		tensor_bytes(&class));
	if (labels)
		memcpy(record_put_tensor(r, "predicted_labels", TENSOR_U8, 2, labels->tensor.shape),
			labels->tensor.data, tensor_bytes(&labels->tensor));
	score = record_put_tensor(r, "predicted_box_score", TENSOR_F32, 1, class.shape);
	for (i = 0; i < class.shape[0]; i++)
		score[i] = 1 / (1 + (float)i);
}

static int
predict_stream(const char *from, const char *to)
{
	struct reader *in = reader_open(from);
	struct header h = { 0 };
	struct record r = { 0 };
	struct writer *out;

	if (!in)
		return 1;
	header_copy(&h, reader_header(in));
	header_put_field(&h, "predicted_boxes", TENSOR_F32, 2, NULL);
	if (segmap_declared(&h, SEGMAP_GT))
		header_put_field(&h, "predicted_labels", TENSOR_U8, 2, NULL);
	if (record_get(&h.extra, "classes"))
		record_put(&h.extra, "predicted_classes", *record_get(&h.extra, "classes"));
	if (record_get(&h.extra, "label_classes"))
		record_put(&h.extra, "predicted_label_classes", *record_get(&h.extra, "label_classes"));
	out = writer_open(to, &h);
	while (reader_next(in, &r) > 0) {
		predict(&r);
		if (writer_put(out, &r) < 0)
			break;
	}
	reader_close(in);
	record_free(&r);
	header_free(&h);
	return writer_close(out) < 0;
}

enum { SIDE = 40 };

static void
fill_one(struct record *r, long number)
{
	struct rng rng = rng_at(4, number, "restore", "");
	uint8_t *labels;
	float *box;
	int i;

	record_reset(r);
	record_set_key(r, "k");
	memset(record_put_tensor(r, "image", TENSOR_U8, 3, (long[3]){ SIDE, SIDE, 1 }), 0, SIDE * SIDE);
	labels = record_put_tensor(r, "labels", TENSOR_U8, 2, (long[2]){ SIDE, SIDE });
	for (i = 0; i < SIDE * SIDE; i++)
		labels[i] = (uint8_t)rng_below(&rng, 20);
	box = record_put_tensor(r, "boxes", TENSOR_F32, 2, (long[2]){ 1, 4 });
	box[0] = (float)(rng_unit(&rng) * SIDE / 2);
	box[1] = (float)(rng_unit(&rng) * SIDE / 2);
	box[2] = box[0] + 5 + (float)(rng_unit(&rng) * (SIDE / 2 - 5));
	box[3] = box[1] + 5 + (float)(rng_unit(&rng) * (SIDE / 2 - 5));
	*(int32_t *)record_put_tensor(r, "box_class", TENSOR_I32, 1, (long[1]){ 1 }) = 7;
}

/* A random part at twice the size, mirrored now and then, and back: visible content returns to its location, the rest
   is SEGMAP_IGNORE. */
static void
check_part(void)
{
	const struct transform to = { 2 * SIDE, 2 * SIDE, 0 };
	struct record r = { 0 };
	int i, x, y, bad = 0, gone = 0;

	for (i = 0; i < 300; i++) {
		struct rng rng = rng_at(4, i, "part", "");
		struct rect g = { (int)rng_below(&rng, SIDE / 2), (int)rng_below(&rng, SIDE / 2), SIDE / 2, SIDE / 2 };
		struct geometry p = geometry_resized_crop(g, 2 * SIDE, 2 * SIDE);
		uint8_t was[SIDE * SIDE];
		const uint8_t *now;
		const float *b;
		float box[4];
		long k;

		fill_one(&r, i);
		memcpy(was, record_tensor(&r, "labels", TENSOR_U8, 2)->data, sizeof was);
		memcpy(box, record_tensor(&r, "boxes", TENSOR_F32, 2)->data, sizeof box);
		p.flip = i % 2;
		memset(record_put_tensor(&r, "image", TENSOR_U8, 3, (long[3]){ 2 * SIDE, 2 * SIDE, 1 }), 0,
			4 * SIDE * SIDE);
		bad += transform_record(&to, &r, &p, SIDE, SIDE) < 0;
		predict(&r);
		bad += transform_back_record(&r) < 0;
		now = record_tensor(&r, "predicted_labels", TENSOR_U8, 2)->data;
		for (y = 0; y < SIDE; y++)
			for (x = 0; x < SIDE; x++) {
				const int seen = x >= g.left && y >= g.top && x < g.left + g.width &&
					y < g.top + g.height;

				bad += now[y * SIDE + x] != (seen ? was[y * SIDE + x] : SEGMAP_IGNORE);
			}
		if (record_tensor(&r, "predicted_boxes", TENSOR_F32, 2)->shape[0] == 0) {
			gone++;
			continue;
		}
		b = record_tensor(&r, "predicted_boxes", TENSOR_F32, 2)->data;
		for (k = 0; k < 4; k++) {
			const float least = (float)(k % 2 ? g.top : g.left), most = least + SIDE / 2;

			bad += fabsf(b[k] - (box[k] < least ? least : box[k] > most ? most : box[k])) > 1e-4f;
		}
		bad += record_get(&r, "boxes") || record_get(&r, "image") || record_get(&r, "transform") ||
			!record_get(&r, "size");
	}
	ok(!bad && gone < 100,
		"crop and back: visible boxes and pixels are at their old location (%d wrong, %d boxes not visible)",
		bad, gone);
	record_free(&r);
}

static void
check_wrong_back(void)
{
	static const char *const cases[] = { "no transform", "scale 0", "not a number", "upside down", "no size",
		"size 0", "too large", "rows", "box", "map" };
	struct record r = { 0 };
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		double *t;
		int32_t *size;

		fill_one(&r, 0);
		predict(&r);
		t = record_put_tensor(&r, "transform", TENSOR_F64, 1, (long[1]){ 4 });
		memcpy(t, (double[4]){ 0, 1, 0, 1 }, 4 * sizeof *t);
		size = record_put_tensor(&r, "source_size", TENSOR_I32, 1, (long[1]){ 2 });
		size[0] = size[1] = SIDE;
		switch (i) {
		case 0: record_drop(&r, "transform"); break;
		case 1: t[1] = 0; break;
		case 2: t[0] = NAN; break;
		case 3: t[3] = -1; break;
		case 4: record_drop(&r, "source_size"); break;
		case 5: size[1] = 0; break;
		case 6: size[0] = size[1] = 1 << 20; break;
		case 7: record_put_tensor(&r, "predicted_box_class", TENSOR_I32, 1, (long[1]){ 2 }); break;
		case 8: ((float *)record_tensor(&r, "predicted_boxes", TENSOR_F32, 2)->data)[2] = NAN; break;
		default: record_put_tensor(&r, "predicted_labels", TENSOR_U8, 2, (long[2]){ 2, 2 });
		}
		ok(transform_back_record(&r) < 0 && err_status() == ERR_DATA,
			"the inverse transform refuses a malformed record (%s): %s", cases[i], err_text());
	}
	record_free(&r);
}

/* A record with two boxes in every column of a kind. */
static void
fill_boxes(struct record *r, enum boxes_kind kind)
{
	struct boxes b;
	long i;

	record_reset(r);
	record_set_key(r, "k");
	b = boxes_new(&r->arena,
		kind == BOXES_GT ? BOXES_BOX | BOXES_CLASS | BOXES_FLAGS | BOXES_AREA
			: BOXES_BOX | BOXES_CLASS | BOXES_SCORE,
		2);
	for (i = 0; i < 2; i++, b.count++) {
		memcpy(b.box[i], (float[4]){ (float)i, 2, 7, 8 }, sizeof b.box[i]);
		b.class[i] = (int32_t)i;
		if (b.columns & BOXES_FLAGS)
			b.flags[i] = BOX_DIFFICULT | BOX_TRUNCATED;
		if (b.columns & BOXES_AREA)
			b.area[i] = i ? 9.5f : -1;
		if (b.columns & BOXES_SCORE)
			b.score[i] = 0.5f;
	}
	boxes_write(&b, r, kind);
}

/* Each of the validator's messages, for both kinds. %s is "predicted_" or "". */
static void
check_boxes_read(void)
{
	static const struct { const char *what, *prefix, *message; } cases[] = {
		{ "nan", "", "field '%sboxes': box 1 is not finite" },
		{ "infinite", "", "field '%sboxes': box 0 is not finite" },
		{ "backwards", "", "field '%sboxes': box 1 ends before it begins" },
		{ "upside down", "", "field '%sboxes': box 0 ends before it begins" },
		{ "columns", "", "field '%sboxes' has rows of 3 numbers, not 4" },
		{ "rows", "", "field '%sbox_class' has 3 rows, but '%sboxes' has 2" },
		{ "alone", "", "field '%sbox_class' without '%sboxes'" },
		{ "no class", "", "no field '%sbox_class'" },
		{ "type", "", "field '%sbox_class' is I64 2, not I32 of rank 1" },
		{ "class", "", "field '%sbox_class': class 5 of box 1, but there are 5 classes" },
		{ "negative class", "", "field '%sbox_class': class -1 of box 0, but there are 5 classes" },
		{ "flags", "gt", "field 'box_flags' has 1 rows, but 'boxes' has 2" },
		{ "area", "gt", "field 'box_area': the area of box 1 is not finite" },
		{ "score", "predicted", "field 'predicted_box_score': the score of box 0 is not finite" },
	};
	struct record r = { 0 };
	struct boxes b;
	size_t i;
	int kind;

	for (i = 0; i < sizeof cases / sizeof *cases; i++)
		for (kind = 0; kind < BOXES_KINDS; kind++) {
			const char *what = cases[i].what, *prefix = kind == BOXES_GT ? "" : "predicted_";
			char name[2][32], want[128];

			if (*cases[i].prefix && strcmp(cases[i].prefix, kind == BOXES_GT ? "gt" : "predicted"))
				continue;
			fill_boxes(&r, kind);
			if (boxes_read(&b, &r, kind, BOXES_BOX | BOXES_CLASS, 5) < 0)
				ok(false, "valid boxes are read: %s", err_text());
			snprintf(name[0], sizeof name[0], "%sboxes", prefix);
			snprintf(name[1], sizeof name[1], "%sbox_class", prefix);
			snprintf(want, sizeof want, cases[i].message, prefix, prefix);
			if (strcmp(what, "nan") == 0)
				b.box[1][3] = NAN;
			else if (strcmp(what, "infinite") == 0)
				b.box[0][0] = -INFINITY;
			else if (strcmp(what, "backwards") == 0)
				b.box[1][2] = 0.5f;
			else if (strcmp(what, "upside down") == 0)
				b.box[0][3] = 1;
			else if (strcmp(what, "columns") == 0)
				memset(record_put_tensor(&r, name[0], TENSOR_F32, 2, (long[2]){ 2, 3 }), 0, 24);
			else if (strcmp(what, "rows") == 0)
				memset(put(&r, name[1], TENSOR_I32, 3), 0, 12);
			else if (strcmp(what, "alone") == 0)
				record_drop(&r, name[0]);
			else if (strcmp(what, "no class") == 0)
				record_drop(&r, name[1]);
			else if (strcmp(what, "type") == 0)
				memset(put(&r, name[1], TENSOR_I64, 2), 0, 16);
			else if (strcmp(what, "class") == 0)
				b.class[1] = 5;
			else if (strcmp(what, "negative class") == 0)
				b.class[0] = -1;
			else if (strcmp(what, "flags") == 0)
				memset(put(&r, "box_flags", TENSOR_U8, 1), 0, 1);
			else if (strcmp(what, "area") == 0)
				b.area[1] = INFINITY;
			else
				b.score[0] = NAN;
			ok(boxes_read(&b, &r, kind, strcmp(what, "alone") ? BOXES_BOX | BOXES_CLASS : 0, 5) < 0 &&
					err_status() == ERR_DATA && strcmp(err_text(), want) == 0,
				"malformed %sboxes (%s) are refused: %s", prefix, what, err_text());
		}
	record_free(&r);
}

/* Accepted: zero area, boxes beyond the image, an unknown area, any class where the classes are unknown. */
static void
check_boxes_accepted(void)
{
	struct record r = { 0 };
	struct header h = { 0 };
	struct boxes b, to;

	fill_boxes(&r, BOXES_GT);
	ok(boxes_read(&b, &r, BOXES_GT, BOXES_BOX, 0) == 0, "boxes are read");
	memcpy(b.box[0], (float[4]){ -3e38f, 4, 3e38f, 4 }, sizeof b.box[0]);
	b.class[0] = -7;
	ok(boxes_read(&b, &r, BOXES_GT, BOXES_BOX | BOXES_CLASS, 0) == 0 && b.count == 2 && b.columns == 15,
		"accepted: boxes of area 0 or beyond the image, and any class where the classes are unknown");
	ok(boxes_read(&to, &r, BOXES_PREDICTED, 0, 0) == 0 && to.count == 0 && to.columns == 0 &&
			!boxes_has(&r, BOXES_PREDICTED),
		"a record without predicted boxes has 0 of them");

	/* fewer columns are written than there were; a column that the source lacks is 0 */
	to = boxes_new(&r.arena, BOXES_BOX | BOXES_FLAGS | BOXES_SCORE, 1);
	boxes_append(&to, &b, 1);
	ok(to.count == 1 && to.box[0][0] == 1 && to.flags[0] == (BOX_DIFFICULT | BOX_TRUNCATED) && to.score[0] == 0,
		"boxes_append() copies a row; a column that the source lacks is 0");
	to.columns = BOXES_BOX | BOXES_FLAGS;
	boxes_write(&to, &r, BOXES_GT);
	ok(!record_get(&r, "box_class") && !record_get(&r, "box_area") &&
			boxes_read(&b, &r, BOXES_GT, BOXES_BOX | BOXES_FLAGS, 0) == 0 && b.count == 1 &&
			b.box[0][3] == 8,
		"boxes_write() drops the columns that are not written");

	header_set_kind(&h, "label");
	boxes_declare(&h, BOXES_GT, 15);
	boxes_declare(&h, BOXES_PREDICTED, BOXES_BOX);
	boxes_declare(&h, BOXES_GT, BOXES_BOX | BOXES_AREA);
	ok(boxes_declared(&h, BOXES_GT) == (BOXES_BOX | BOXES_AREA) &&
			boxes_declared(&h, BOXES_PREDICTED) == BOXES_BOX && h.field_count == 3,
		"boxes_declare() adds fields to a header, boxes_declared() finds them");
	header_free(&h);
	record_free(&r);
}

static void
check_geometry(void)
{
	float box[4] = { -1, 2, 12, 30 }, outside[4] = { 10, 0, 14, 5 };

	ok(boxes_clip(box, 10, 20) && box[0] == 0 && box[1] == 2 && box[2] == 10 && box[3] == 20 &&
			boxes_area(box) == 180,
		"boxes_clip() clips to the image");
	ok(!boxes_clip(outside, 10, 20), "boxes_clip() leaves no area of a box at the right border");
	ok(boxes_iou((float[4]){ 0, 0, 2, 2 }, (float[4]){ 1, 0, 3, 2 }) == 1 / 3.0f &&
			boxes_iou((float[4]){ 0, 0, 2, 2 }, (float[4]){ 2, 0, 3, 2 }) == 0,
		"boxes_iou() is 1/3 for a half overlap, 0 for touching boxes");
	ok(boxes_iou((float[4]){ 5, 5, 5, 9 }, (float[4]){ 5, 5, 5, 9 }) == 0,
		"boxes_iou() of boxes without area is 0");
}

static void
check_segmap(void)
{
	struct record r = { 0 };
	uint8_t *label;
	int kind;

	for (kind = 0; kind < SEGMAP_KINDS; kind++) {
		const char *name = kind == SEGMAP_GT ? "labels" : "predicted_labels";
		char want[128];

		record_reset(&r);
		label = segmap_put(&r, kind, 2, 3);
		memcpy(label, (uint8_t[6]){ 0, 1, 2, SEGMAP_IGNORE, 2, 0 }, 6);
		ok(segmap_has(&r, kind) && segmap_read(&r, kind, 2, 3, 3) && segmap_read(&r, kind, 0, 0, 0),
			"field '%s': the ignore index is accepted", name);
		snprintf(want, sizeof want, "field '%s': class 2 at row 0, column 2, but there are 2 classes", name);
		ok(!segmap_read(&r, kind, 2, 3, 2) && err_status() == ERR_DATA && strcmp(err_text(), want) == 0, "%s",
			want);
		snprintf(want, sizeof want, "field '%s': a map of 2x3 pixels for an image of 3x2 (height x width)",
			name);
		ok(!segmap_read(&r, kind, 3, 2, 3) && err_status() == ERR_DATA && strcmp(err_text(), want) == 0, "%s",
			want);
	}
	record_free(&r);
}

int
main(int argc, char **argv)
{
	if (argc == 4)
		return write_stream(argv[1], atol(argv[2]), argv[3]);
	if (argc == 3)
		return predict_stream(argv[1], argv[2]);
	check_boxes_read();
	check_boxes_accepted();
	check_geometry();
	check_segmap();
	check_wrong();
	check_back(false, 1);
	check_back(true, 1);
	check_back(false, 3);
	check_back(true, 2);
	check_part();
	check_wrong_back();
	return tap_end();
}
