/* bootstrap - resampled images against evaluations of these images, and intervals against their closed form */
#include "metrics/bootstrap.h"
#include "annotation/boxes.h"
#include "annotation/class_list.h"
#include "base/rng.h"
#include "metrics/ap.h"
#include "metrics/confusion.h"
#include "metrics/evaluation.h"
#include "metrics/iou.h"
#include "tap.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { IMAGES = 12, CLASSES = 3, BOXES = 6 };

static const struct evaluation_rules rules = { .score_threshold = -INFINITY };

static struct iou_box
random_box(struct rng *g)
{
	double x = (double)rng_below(g, 20), y = (double)rng_below(g, 20);

	return iou_corners(x, y, x + 20 + (double)rng_below(g, 60), y + 20 + (double)rng_below(g, 60));
}

/* Add images "0", "1" ... of `times` > 0 (NULL: all); their places are in `index`. */
static void
add_images(struct evaluation *s, const int *times, int index[IMAGES])
{
	char key[12];
	int i;

	for (i = 0; i < IMAGES; i++) {
		snprintf(key, sizeof key, "%d", i);
		index[i] = s->count;
		if (!times || times[i])
			evaluation_add(s, key);
	}
}

/* An evaluation of the images of `times` > 0, each with the same random boxes in every call. Returns 0, or -1. */
static int
build(struct evaluation *s, const int *times)
{
	static const char *const names[CLASSES] = { "a", "b", "c" };
	int index[IMAGES], i, k, result = 0;

	for (i = 0; i < CLASSES; i++)
		result |= class_list_add(&s->classes, names[i], i);
	add_images(s, times, index);
	result |= evaluation_seal(s);
	for (i = 0; i < IMAGES; i++)
		for (k = 0; k < BOXES && times[i]; k++) {
			struct rng g = rng_at(1, i * BOXES + k, "box", "");
			struct evaluation_box b = { .image = index[i], .id = 1, .area = -1 };

			b.class = (int)rng_below(&g, CLASSES);
			b.box = random_box(&g);
			b.flags = rng_below(&g, 5) ? 0 : BOX_DIFFICULT;
			result |= evaluation_put_gt(s, &b);
			if (rng_below(&g, 3) == 0)
				b.box = random_box(&g);
			b.score = rng_unit(&g);
			b.flags = 0;
			result |= evaluation_put_detection(s, &b, &rules);
		}
	return result < 0 ? -1 : 0;
}

struct both {
	struct ap_score coco;
	struct ap_voc voc;
};

static struct both
score(const struct evaluation *s, const int *times)
{
	struct ap_coco_matches *coco = ap_coco_match(s, 0);
	struct ap_voc_matches *voc = ap_voc_match(s, 0.5, 0);
	struct ap_score coco_classes[CLASSES];
	struct ap_voc voc_classes[CLASSES];
	struct both b;
	int without;

	ap_coco_score(coco, times, AP_NUMBERS, coco_classes, &b.coco);
	b.voc = ap_voc_score(voc, times, voc_classes, &without);
	ap_coco_free(coco);
	ap_voc_free(voc);
	return b;
}

static bool
equal(const struct both *a, const struct both *b)
{
	int i;

	for (i = 0; i < AP_NUMBERS; i++)
		if (!(fabs(a->coco.value[i] - b->coco.value[i]) < 1e-12))
			return false;
	return fabs(a->voc.eleven - b->voc.eleven) < 1e-12 && fabs(a->voc.area - b->voc.area) < 1e-12;
}

static void
test_subsets(void)
{
	enum { ROUNDS = 50 };
	int once[IMAGES], times[IMAGES], i, round, different = 0, same = 0;
	struct evaluation all = { 0 }, some = { 0 };
	struct rng g = rng_at(2, 0, "subsets", "");
	struct both a, b, whole;

	for (i = 0; i < IMAGES; i++)
		once[i] = 1;
	ok(build(&all, once) == 0, "an evaluation of %d images", IMAGES);
	whole = score(&all, NULL);
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < IMAGES; i++)
			times[i] = rng_below(&g, 3) > 0;
		different += build(&some, times) < 0;
		a = score(&all, times);
		b = score(&some, NULL);
		different += !equal(&a, &b);
		same += equal(&a, &whole);
		evaluation_free(&some);
	}
	ok(different == 0 && same < ROUNDS / 2,
		"scores of images that count 0 or 1 times are those without the others: %d of %d differ", different,
		ROUNDS);
	a = score(&all, once);
	ok(equal(&a, &whole), "images that count once: the scores of the whole");
	for (i = 0; i < IMAGES; i++)
		times[i] = 3;
	a = score(&all, times);
	ok(equal(&a, &whole), "images that count three times: the scores of the whole");
	evaluation_free(&all);
}

static void
test_draws(void)
{
	enum { SAMPLES = 4000 };
	int a[IMAGES], b[IMAGES], i, sample, sum = 0, zeros = 0;

	bootstrap_draw(7, a, IMAGES);
	bootstrap_draw(7, b, IMAGES);
	ok(memcmp(a, b, sizeof a) == 0, "a sample is a function of its number");
	bootstrap_draw(8, b, IMAGES);
	ok(memcmp(a, b, sizeof a) != 0, "another number gives another sample");
	for (sample = 0; sample < SAMPLES; sample++) {
		bootstrap_draw(sample, a, IMAGES);
		for (i = 0; i < IMAGES; i++) {
			sum += a[i];
			zeros += a[i] == 0;
		}
	}
	ok(sum == SAMPLES * IMAGES, "each sample has as many images as the dataset");
	/* (1 - 1/n)^n, within four standard deviations */
	ok(fabs((double)zeros / (SAMPLES * IMAGES) - pow(1 - 1.0 / IMAGES, IMAGES)) < 0.01,
		"an image is missing from a sample as often as by chance: %.4f", (double)zeros / (SAMPLES * IMAGES));
}

/* Images of equal size: pixel accuracy is the mean of theirs, whose standard error is known. */
static void
test_maps(void)
{
	enum { SAMPLES = 20000, PIXELS = 100 };
	struct evaluation s = { 0 };
	struct confusion_class classes[IMAGES][2];
	struct bootstrap_maps maps = { 0 };
	double accuracy[IMAGES], mean = 0, variance = 0, low, high;
	struct rng g = rng_at(3, 0, "maps", "");
	int index[IMAGES], i;

	ok(class_list_add(&s.label_classes, "x", 0) >= 0 && class_list_add(&s.label_classes, "y", 1) >= 0,
		"two classes of pixels");
	add_images(&s, NULL, index);
	for (i = 0; i < IMAGES; i++) {
		const long wrong = rng_below(&g, PIXELS / 2);

		classes[i][0] = (struct confusion_class){ PIXELS - wrong, PIXELS, PIXELS - wrong };
		classes[i][1] = (struct confusion_class){ 0, 0, wrong };
		s.images[i].map_classes = classes[i];
		accuracy[i] = 1 - (double)wrong / PIXELS;
		mean += accuracy[i] / IMAGES;
	}
	for (i = 0; i < IMAGES; i++)
		variance += (accuracy[i] - mean) * (accuracy[i] - mean) / IMAGES;
	bootstrap_maps(&maps, &s, false, SAMPLES);
	bootstrap_interval(&maps.accuracy, mean, &low, &high);
	ok(fabs(maps.accuracy.mean - mean) < 2e-3, "pixel accuracy: mean of the samples %.4f, of the images %.4f",
		maps.accuracy.mean, mean);
	ok(fabs((high - low) / 2 / (1.959964 * sqrt(variance / IMAGES)) - 1) < 0.03,
		"pixel accuracy: half the interval %.4f, from the standard error %.4f", (high - low) / 2,
		1.959964 * sqrt(variance / IMAGES));
	s.count = 1;
	maps = (struct bootstrap_maps){ 0 };
	bootstrap_maps(&maps, &s, false, 100);
	bootstrap_interval(&maps.accuracy, accuracy[0], &low, &high);
	ok(isnan(low) && isnan(high), "one image has no interval");
	s.count = IMAGES;
	evaluation_free(&s);
}

static void
test_interval(void)
{
	struct bootstrap b = { 0 };
	double low, high;

	bootstrap_add(&b, 0.25);
	bootstrap_add(&b, NAN);
	bootstrap_add(&b, -1);
	bootstrap_interval(&b, 0.5, &low, &high);
	ok(b.n == 1 && isnan(low), "undefined scores are left out; one sample has no interval");
	bootstrap_add(&b, 0.75);
	bootstrap_interval(&b, 0.5, &low, &high);
	ok(low == 0 && high == 1, "an interval ends at 0 and 1");
	bootstrap_interval(&b, -1, &low, &high);
	ok(isnan(low) && isnan(high), "a score that is not defined has no interval");
	b = (struct bootstrap){ 0 };
	bootstrap_add(&b, 0.4);
	bootstrap_add(&b, 0.5);
	bootstrap_add(&b, 0.6);
	bootstrap_interval(&b, 0.5, &low, &high);
	ok(fabs(low - (0.5 - 0.1959963984540054)) < 1e-12 && fabs(high - (0.5 + 0.1959963984540054)) < 1e-12,
		"an interval is the score +-1.96 standard deviations: %.4f to %.4f", low, high);
}

int
main(void)
{
	test_subsets();
	test_draws();
	test_maps();
	test_interval();
	return tap_end();
}
