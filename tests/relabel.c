/* relabel - boxes and segmentation maps of records move with the image; "relabel FILE COUNT KIND" writes labeled images, sound or not */
#include "base/err.h"
#include "base/rng.h"
#include "annotation/relabel.h"
#include "stream/writer.h"
#include "tap.h"

#include <math.h>
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
	const long width = 20 + rng_below(&rng, 60), height = 20 + rng_below(&rng, 60), count = rng_below(&rng, BOXES + 1);
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
	record_put_int(r, "place", number);
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

/* What can be wrong with labels. */
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

static const char *const wrongs[] = { "nan", "infinite", "rows", "type", "columns", "alone", "map", "deep" };

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
	header_add_history(&h, "relabel");
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
	struct geometry p = geometry_resized_crop((struct rect){ 0, 0, (int)t->shape[1], (int)t->shape[0] }, to_width, to_height);

	p.flip = flip;
	return p;
}

static void
check_wrong(void)
{
	const struct relabel to = { 32, 32, 0.1 };
	struct record r = { 0 };
	size_t i;

	for (i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		struct geometry p;
		const struct tensor *t;

		fill(&r, 0);
		spoil(&r, wrongs[i]);
		p = whole(&r, 32, 32, false);
		t = record_tensor(&r, "image", TENSOR_U8, 3);
		ok(relabel_record(&to, &r, &p, (int)t->shape[1], (int)t->shape[0]) < 0 && err_status() == ERR_DATA, "%s: %s", wrongs[i], err_text());
	}
	record_free(&r);
}

/* Mirrored twice, or enlarged and made small again, everything is where it was. */
static void
check_back(bool flip, int times)
{
	struct record r = { 0 }, was = { 0 };
	int i, bad = 0;

	for (i = 0; i < 200; i++) {
		const struct tensor *t, *b, *u;
		struct relabel there, back;
		struct geometry p;
		long j, k = 0;

		fill(&r, i);
		record_copy(&was, &r);
		t = record_tensor(&was, "image", TENSOR_U8, 3);
		back = (struct relabel){ (int)t->shape[1], (int)t->shape[0], 0.1 };
		there = (struct relabel){ times * back.width, times * back.height, 0.1 };
		p = whole(&was, there.width, there.height, flip);
		bad += relabel_record(&there, &r, &p, back.width, back.height) < 0;
		p = geometry_resized_crop((struct rect){ 0, 0, there.width, there.height }, back.width, back.height);
		p.flip = flip;
		bad += relabel_record(&back, &r, &p, there.width, there.height) < 0;
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
			bad += ((const int32_t *)b->data)[j] != ((const int32_t *)record_tensor(&r, "box_class", TENSOR_I32, 1)->data)[k];
			k++;
		}
		bad += record_tensor(&r, "boxes", TENSOR_F32, 2)->shape[0] != k;
		t = record_tensor(&r, "transform", TENSOR_F64, 1);
		for (j = 0; j < 4; j++)
			bad += fabs(((const double *)t->data)[j] - (double)(j % 2)) > 1e-9;
		bad += record_get(&r, "mask") || record_get(&r, "regions") || !record_get(&r, "class");
	}
	ok(!bad, "%s at %d times the size and back: nothing moved", flip ? "mirrored" : "plain", times);
	record_free(&r);
	record_free(&was);
}

int
main(int argc, char **argv)
{
	if (argc == 4)
		return write_stream(argv[1], atol(argv[2]), argv[3]);
	check_wrong();
	check_back(false, 1);
	check_back(true, 1);
	check_back(false, 3);
	check_back(true, 2);
	return tap_end();
}
