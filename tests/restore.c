/* restore - what is cut, resized and mirrored goes back; "restore FILE FILE" makes the truth of a stream its prediction */
#include "base/err.h"
#include "base/rng.h"
#include "annotation/relabel.h"
#include "annotation/restore.h"
#include "stream/reader.h"
#include "stream/writer.h"
#include "tap.h"

#include <math.h>
#include <string.h>

/* Predictions equal to the labels. */
static void
predict(struct record *r)
{
	const struct tensor boxes = *record_tensor(r, "boxes", TENSOR_F32, 2), class = *record_tensor(r, "box_class", TENSOR_I32, 1);
	const struct tensor labels = *record_tensor(r, "labels", TENSOR_U8, 2);
	float *score;
	long i;

	memcpy(record_put_tensor(r, "predicted_boxes", TENSOR_F32, 2, boxes.shape), boxes.data, tensor_bytes(&boxes));
	memcpy(record_put_tensor(r, "predicted_box_class", TENSOR_I32, 1, class.shape), class.data, tensor_bytes(&class));
	memcpy(record_put_tensor(r, "predicted_labels", TENSOR_U8, 2, labels.shape), labels.data, tensor_bytes(&labels));
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
fill(struct record *r, long number)
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

/* A random part at twice the size, mirrored now and then, and back: what was seen is where it was, what was not is 255. */
static void
check_part(void)
{
	const struct relabel to = { 2 * SIDE, 2 * SIDE, 0 };
	struct record r = { 0 };
	int i, x, y, bad = 0, gone = 0;

	for (i = 0; i < 300; i++) {
		struct rng rng = rng_at(4, i, "part", "");
		struct rect g = { (int)rng_below(&rng, SIDE / 2), (int)rng_below(&rng, SIDE / 2), SIDE / 2, SIDE / 2 };
		struct placement p = placement_part(g, 2 * SIDE, 2 * SIDE);
		uint8_t was[SIDE * SIDE];
		const uint8_t *now;
		const float *b;
		float box[4];
		long k;

		fill(&r, i);
		memcpy(was, record_tensor(&r, "labels", TENSOR_U8, 2)->data, sizeof was);
		memcpy(box, record_tensor(&r, "boxes", TENSOR_F32, 2)->data, sizeof box);
		p.flip = i % 2;
		memset(record_put_tensor(&r, "image", TENSOR_U8, 3, (long[3]){ 2 * SIDE, 2 * SIDE, 1 }), 0, 4 * SIDE * SIDE);
		bad += relabel_record(&to, &r, &p, SIDE, SIDE) < 0;
		predict(&r);
		bad += restore_record(&r) < 0;
		now = record_tensor(&r, "predicted_labels", TENSOR_U8, 2)->data;
		for (y = 0; y < SIDE; y++)
			for (x = 0; x < SIDE; x++) {
				const int seen = x >= g.left && y >= g.top && x < g.left + g.width && y < g.top + g.height;

				bad += now[y * SIDE + x] != (seen ? was[y * SIDE + x] : 255);
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
		bad += record_get(&r, "boxes") || record_get(&r, "image") || record_get(&r, "transform") || !record_get(&r, "size");
	}
	ok(!bad && gone < 100, "what was seen is where it was (%d wrong, %d boxes not seen)", bad, gone);
	record_free(&r);
}

static void
check_wrong(void)
{
	static const char *const wrongs[] = { "no transform", "scale 0", "not a number", "upside down", "no size", "size 0", "too large", "rows", "box", "map" };
	struct record r = { 0 };
	size_t i;

	for (i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
		double *t;
		int32_t *size;

		fill(&r, 0);
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
		ok(restore_record(&r) < 0 && err_status() == ERR_DATA, "%s: %s", wrongs[i], err_text());
	}
	record_free(&r);
}

int
main(int argc, char **argv)
{
	if (argc == 3)
		return predict_stream(argv[1], argv[2]);
	check_part();
	check_wrong();
	return tap_end();
}
