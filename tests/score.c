/* score - result files cut at every byte, lookup of images, IoU and matches computed by hand */
#include "annotation/boxes.h"
#include "annotation/raster.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "metrics/ap.h"
#include "metrics/confusion.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"
#include "metrics/results.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct evaluation_rules strict = { false, -INFINITY, false };

static const char truth[] =
	"{\"info\":{\"x\":[1,{}]},\"annotations\":[{\"id\":0,\"image_id\":7,\"category_id\":3,\"bbox\":[0,0,50,50],"
	"\"area\":2500,\"iscrowd\":0},"
	"{\"id\":1,\"image_id\":7,\"category_id\":3,\"bbox\":[100,0,50,50],\"area\":2500,\"iscrowd\":1,"
	"\"segmentation\":{\"counts\":[1,2],\"size\":[9,9]}}],"
	"\"images\":[{\"id\":7,\"file_name\":\"v/a.b.jpg\",\"height\":100,\"width\":200}],\"categories\":[{\"id\":3,"
	"\"name\":\"thing\"}]}";

static const char found[] =
	"[{\"image_id\":7,\"category_id\":3,\"bbox\":[0,0,50,50],\"score\":0.5},"
	"{\"image_id\":7,\"category_id\":3,\"bbox\":[100,0,25,25.0],\"score\":5e-1, \"id\":\"x\", "
	"\"segmentation\":[[1,2,3]]}]";

static const char lines[] = "a.b 0.5 1 1 50 50\n\na.b 2.5e-1 1.5 1 50 50\r\n";

/* How many proper prefixes are accepted. */
static int
prefixes(const char *text, size_t size, int which)
{
	size_t n;
	int accepted = 0;

	for (n = 0; n < size; n++) {
		struct evaluation s = { 0 };
		char *part = mem_new(n + 1);

		memcpy(part, text, n);
		if (which == 0)
			accepted += results_parse_gt(&s, part, n, &strict) == 0;
		else if (results_parse_gt(&s, truth, strlen(truth), &strict) == 0)
			accepted += (which == 1 ? results_parse_coco(&s, part, n, &strict)
						: results_parse_voc(&s, part, 0, &strict)) == 0;
		free(part);
		evaluation_free(&s);
	}
	return accepted;
}

static void
cuts(void)
{
	int lines_kept = prefixes(lines, strlen(lines), 2);

	ok(prefixes(truth, strlen(truth), 0) == 0, "COCO ground truth cut at each of %zu bytes is refused",
		strlen(truth));
	ok(prefixes(found, strlen(found), 1) == 0, "COCO results cut at each of %zu bytes are refused", strlen(found));
	/* VOC results have no end mark: a prefix of whole lines or shorter numbers is a valid file */
	ok(lines_kept > 0 && lines_kept < (int)strlen(lines),
		"VOC results cut at each of %zu bytes: %d are accepted, those of whole lines", strlen(lines),
		lines_kept);
}

/* COCO's numbers of an evaluation of one class. */
static struct ap_score
coco_score(const struct evaluation *s, unsigned compat)
{
	struct ap_coco_matches *m = ap_coco_match(s, compat);
	struct ap_score each, mean;

	ap_coco_score(m, NULL, AP_NUMBERS, &each, &mean);
	ap_coco_free(m);
	return mean;
}

static void
matches(void)
{
	struct evaluation s = { 0 };
	struct ap_score mean;
	struct ap_voc_matches *boxes;
	struct ap_voc voc, voc_mean;
	int without;
	char *text = mem_text(lines);

	ok(results_parse_gt(&s, truth, strlen(truth), &strict) == 0 && s.gt.count == 2 &&
			s.gt.list[1].flags == BOX_CROWD,
		"COCO ground truth is read");
	ok(results_parse_coco(&s, found, strlen(found), &strict) == 0 && s.detections.count == 2,
		"COCO results are read");
	mean = coco_score(&s, 0);
	ok(fabs(mean.value[0] - 1) < 1e-15 && mean.value[3] == -1,
		"a detection inside a crowd is no false positive: AP %g", mean.value[0]);
	ok(mean.value[6] == 1 && mean.value[8] == 1, "a detection inside a crowd is no true positive: AR1 %g",
		mean.value[6]);
	mean = coco_score(&s, AP_ZERO_ID);
	ok(mean.value[0] == 0, "zero-id: a detection of annotation 0 is a false positive: AP %g", mean.value[0]);
	ok(results_parse_voc(&s, text, 0, &strict) == 0 && s.detections.count == 4, "VOC results are read");
	ok(s.detections.list[2].box.left == 0 && s.detections.list[2].box.right == 50,
		"VOC pixels from 1, ends inclusive, become edges from 0");
	boxes = ap_voc_match(&s, 0.5, 0);
	voc_mean = ap_voc_score(boxes, NULL, &voc, &without);
	ap_voc_free(boxes);
	ok(voc.gt == 1 && voc.detections == 4 && fabs(voc_mean.area - 1) < 1e-15 && without == 0,
		"VOC: a second detection of an object is a false positive: %g", voc_mean.area);
	free(text);
	evaluation_free(&s);
}

static void
finding(void)
{
	struct evaluation s = { 0 };

	evaluation_add(&s, "x/a.jpg");
	evaluation_add(&s, "y/a.png");
	evaluation_add(&s, "b.tar.png");
	evaluation_add(&s, ".hidden");
	ok(evaluation_seal(&s) == 0, "an evaluation is sealed");
	ok(evaluation_find(&s, "y/a.png") == 1, "find: a whole key");
	ok(evaluation_find(&s, "b.tar") == 2 && evaluation_find(&s, "z/b.tar.jpg") == 2,
		"find: the last part without an image suffix may have dots");
	ok(evaluation_find(&s, ".hidden") == 3 && evaluation_find(&s, "b") == 2 && evaluation_find(&s, "b.t") == -1 &&
			evaluation_find(&s, "") == -1,
		"find: a leading dot is no suffix; a key of an archive ends at the first dot");
	ok(evaluation_find(&s, "a") == -2 && strstr(err_text(), "'x/a.jpg' or 'y/a.png'"), "find: an ambiguous key: %s",
		err_text());
	ok(evaluation_find(&s, "y\\\\a.png") == 1 && evaluation_find(&s, "z\\\\a.png") == -1,
		"find: backslashes of a key, which are escaped in records, are tried as slashes");
	ok(evaluation_find_id(&s, 0) == -1, "find: images without ids");
	evaluation_free(&s);
	ok(evaluation_seal(&s) == 0 && evaluation_find(&s, "a") == -1 && evaluation_find_id(&s, 1) == -1,
		"find: an empty evaluation has no image");
	evaluation_free(&s);
}

static void
overlaps(void)
{
	struct iou_box a = iou_corners(0, 0, 10, 10), b = iou_corners(5, 0, 15, 10), flat = iou_corners(3, 3, 3, 9),
		far = iou_corners(10, 0, 20, 10);

	ok(iou_coco(&a, &b, false) == 50.0 / 150 && iou_coco(&a, &b, true) == 0.5,
		"IoU of COCO: 1/3, with a crowd 1/2");
	ok(iou_voc(&a, &b, false) == 50.0 / 150 && iou_voc(&a, &b, true) == 36.0 / 126,
		"IoU of VOC: with the last pixel 1/3, without 36/126");
	ok(iou_coco(&flat, &flat, false) == 0 && iou_coco(&flat, &a, true) == 0 && iou_coco(&a, &far, false) == 0,
		"IoU without intersection is 0, never NaN");
	ok(!iou_is_valid(&(struct iou_box){ .left = NAN }) && !iou_is_valid(&(struct iou_box){ .width = -1 }) &&
			iou_is_valid(&flat),
		"invalid boxes");
}

static void
maps(void)
{
	static const uint8_t labels[8] = { 0, 0, 1, 255, 1, 1, 0, 0 }, said[8] = { 0, 1, 1, 9, 1, 1, 2, 0 };
	struct rle r;
	struct confusion c;
	struct confusion_sums s;
	int rows[256], columns[256], i;

	for (i = 0; i < 256; i++) {
		rows[i] = i < 3 ? i : -1;
		columns[i] = i < 2 ? i : -1;
	}
	rle_pack(&r, labels, 2, 4);
	ok(r.count == 5 && r.runs[0] == (2 << 8) && r.runs[3] == (2 << 8 | 1), "a segmentation map is encoded as runs");
	confusion_open(&c, 3);
	confusion_pixels(&c, &r, said, rows, columns);
	ok(c.counts[0] == 2 && c.counts[1] == 1 && c.counts[3] == 1 && c.counts[5] == 3,
		"the ignore index is not counted; other classes have a column");
	s = confusion_sum(&c, 0, NULL);
	ok(s.n == 7 && s.correct == 5 && s.absent == 1 && fabs(s.mean_iou - (2.0 / 4 + 3.0 / 4) / 2) < 1e-15,
		"mean IoU %g of two classes", s.mean_iou);
	ok(fabs(confusion_sum(&c, 1, NULL).mean_iou - 1.25 / 3) < 1e-15, "mean IoU of three classes, absent ones as 0");
	confusion_close(&c);
	rle_free(&r);
	confusion_open(&c, 0);
	s = confusion_sum(&c, 0, NULL);
	ok(isnan(s.mean_iou) && isnan(s.accuracy), "mean IoU of no pixels is NaN");
	confusion_close(&c);
}

/* Runs of a part of a map are those of the whole map. */
static void
test_pack_part(void)
{
	enum { HEIGHT = 7, WIDTH = 9, ROUNDS = 500 };
	struct rng g = rng_at(5, 0, "parts", "");
	int round, x, y, different = 0;

	for (round = 0; round < ROUNDS; round++) {
		uint8_t map[HEIGHT * WIDTH] = { 0 };
		struct raster_box p = { (int)rng_below(&g, WIDTH), (int)rng_below(&g, HEIGHT), 0, 0 };
		struct rle part, whole;

		p.right = p.left + (int)rng_below(&g, WIDTH - p.left + 1);
		p.bottom = p.top + (int)rng_below(&g, HEIGHT - p.top + 1);
		for (y = p.top; y < p.bottom; y++)
			for (x = p.left; x < p.right; x++)
				map[y * WIDTH + x] = rng_below(&g, 3) > 0;
		rle_pack(&whole, map, HEIGHT, WIDTH);
		rle_pack_part(&part, map, HEIGHT, WIDTH, p);
		different += part.count != whole.count ||
			memcmp(part.runs, whole.runs, (size_t)whole.count * sizeof *whole.runs) != 0;
		rle_free(&part);
		rle_free(&whole);
	}
	ok(different == 0, "runs of a part of a map: %d of %d differ from those of the map", different, ROUNDS);
}

int
main(void)
{
	cuts();
	matches();
	finding();
	overlaps();
	maps();
	test_pack_part();
	return tap_end();
}
