/* detect - target assignment, non-maximum suppression and the loss of a batch, against slow reference code */
#include "annotation/boxes.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/rng.h"
#include "inference/detections.h"
#include "model/config.h"
#include "model/fcos.h"
#include "model/fpn.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"
#include "task/batch.h"
#include "task/detect.h"
#include "task/task.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOXES = 24, IMAGE = 64, PATCH = 8, N = 4, CLASSES = 3 };

static float boxes_box[BOXES][4];
static int boxes_class[BOXES];
static uint8_t boxes_flags[BOXES];

/* boxes of all sizes: thin, tiny and equal ones, and one of the whole image */
static struct boxes
draw(const char *key, int count, int width, int height, int flags)
{
	struct rng r = rng_at(1, 0, "boxes", key);
	int i, k;

	for (i = 0; i < count; i++) {
		const double w = width * pow(rng_unit(&r), 2) + 0.5, h = height * pow(rng_unit(&r), 2) + 0.5;
		const double x = (width - w) * rng_unit(&r), y = (height - h) * rng_unit(&r);
		const double box[4] = { x < 0 ? 0 : x, y < 0 ? 0 : y, x + w > width ? width : x + w,
			y + h > height ? height : y + h };

		for (k = 0; k < 4; k++)
			boxes_box[i][k] = (float)(i % 3 ? box[k] : floor(box[k]) + (k < 2 ? 0 : 1));
		if (i % 7 == 6)
			memcpy(boxes_box[i], boxes_box[i - 1], sizeof boxes_box[i]);
		if (i % 11 == 10)
			memcpy(boxes_box[i], (float[4]){ 0, 0, (float)width, (float)height }, sizeof boxes_box[i]);
		boxes_class[i] = (int)rng_below(&r, CLASSES);
		boxes_flags[i] = (uint8_t)(flags < 0 ? rng_below(&r, 8) : flags);
		if (flags < 0) /* fewer flags */
			boxes_flags[i] &= (uint8_t)rng_below(&r, 8);
	}
	return (struct boxes){ .count = count, .box = boxes_box, .class = boxes_class, .flags = boxes_flags };
}

static double
area(const float *b)
{
	return (double)((b[2] - b[0]) * (b[3] - b[1]));
}

/* May this box be assigned to this point? 0: no; 1: the point is inside; 2: it is also near the center and within the
   range of the level. */
static int
fit(int level, int row, int column, const float *b)
{
	const double s = (double)(PATCH << level) / 4, x = (column + 0.5) * s, y = (row + 0.5) * s;
	const double far = fmax(fmax(x - b[0], b[2] - x), fmax(y - b[1], b[3] - y));

	if (x <= b[0] || x >= b[2] || y <= b[1] || y >= b[3])
		return 0;
	if (fabs(x - (b[0] + b[2]) / 2) >= 1.5 * s || fabs(y - (b[1] + b[3]) / 2) >= 1.5 * s)
		return 1;
	return far > (level ? 4 * s : 0) && (level == FPN_LEVELS - 1 || far <= 8 * s) ? 2 : 1;
}

static int
slow(int level, int row, int column, const struct boxes *boxes)
{
	int k, best = TARGET_ASSIGN_NONE;

	for (k = 0; k < boxes->count; k++)
		if (!(boxes->flags[k] & 3) && fit(level, row, column, boxes->box[k]) == 2 &&
			(best < 0 || boxes_area(boxes->box[k]) < boxes_area(boxes->box[best])))
			best = k;
	for (k = 0; k < boxes->count && best < 0; k++)
		if (boxes->flags[k] & 3 &&
			fit(level, row, column, boxes->box[k]) >= (boxes->flags[k] & BOX_CROWD ? 1 : 2))
			best = TARGET_ASSIGN_IGNORE;
	return best;
}

static void
assignment(int R, int W)
{
	const struct target_assign a = target_assign_points(R, W, PATCH);
	int *which = mem_array((size_t)a.count, sizeof *which), trial, l, i, wrong = 0, positives = 0, ignored = 0,
		counts = 0;
	char key[16];

	for (trial = 0; trial < 50; trial++) {
		struct boxes boxes = draw(
			(snprintf(key, sizeof key, "%d", trial), key), trial % BOXES + 1, W * PATCH, R * PATCH, -1);
		int count = target_assign_boxes(&a, &boxes, which), had = 0;

		for (l = 0; l < FPN_LEVELS; l++)
			for (i = 0; i < a.level[l].rows * a.level[l].columns; i++) {
				const int got = which[a.level[l].first + i];

				wrong += got != slow(l, i / a.level[l].columns, i % a.level[l].columns, &boxes);
				had += got >= 0;
				ignored += got == TARGET_ASSIGN_IGNORE;
			}
		positives += had;
		counts += had == count;
	}
	ok(wrong == 0 && counts == 50 && positives > 100 && ignored > 100,
		"assignment on %dx%d patches: %d positives, %d ignored, %d wrong", R, W, positives, ignored, wrong);
	free(which);
}

static void
centerness(void)
{
	ok(target_assign_centerness((float[4]){ 2, 3, 2, 3 }) == 1 &&
			fabs((double)target_assign_centerness((float[4]){ 1, 2, 4, 2 }) - 0.5) < 1e-6,
		"centerness is 1 in the middle of a box and falls towards an edge");
}

static void
suppression(void)
{
	enum { COUNT = 300 };
	static struct detection list[COUNT], again[COUNT], kept[COUNT];
	struct rng r = rng_at(2, 0, "nms", "");
	int i, k, n, left = 0, most = 50;

	for (i = 0; i < COUNT; i++) {
		const float x = (float)rng_below(&r, 60), y = (float)rng_below(&r, 60);

		list[i] = (struct detection){ { x, y, x + 10 + (float)rng_below(&r, 20),
			y + 10 + (float)rng_below(&r, 20) },
			(float)rng_below(&r, 100) / 100, (int)rng_below(&r, CLASSES) };
		again[COUNT - 1 - i] = list[i];
	}
	memcpy(kept, list, sizeof list);
	detections_sort(kept, COUNT);
	for (i = 0; i < COUNT && left < most; i++) {
		for (k = 0; k < left; k++) {
			const float *a = kept[k].box, *b = kept[i].box;
			const double w = fmax(0, fmin((double)a[2], (double)b[2]) - fmax((double)a[0], (double)b[0])),
				h = fmax(0, fmin((double)a[3], (double)b[3]) - fmax((double)a[1], (double)b[1]));

			if (kept[k].class == kept[i].class && w * h / (area(a) + area(b) - w * h) > 0.6)
				break;
		}
		if (k == left)
			kept[left++] = kept[i];
	}
	n = detections_suppress(list, COUNT, 0.6f, most);
	ok(n == left && n == most && memcmp(list, kept, sizeof *list * (size_t)n) == 0,
		"non-maximum suppression agrees with slow reference code (%d of %d)", n, COUNT);
	ok(detections_suppress(again, COUNT, 0.6f, most) == n && memcmp(list, again, sizeof *list * (size_t)n) == 0,
		"non-maximum suppression does not depend on the order of the boxes");
	ok(detections_suppress(list, 0, 0.6f, 10) == 0, "non-maximum suppression of an empty list gives an empty list");
	ok(boxes_iou((float[4]){ 0, 0, 0, 0 }, (float[4]){ 0, 0, 0, 0 }) == 0 &&
			boxes_iou((float[4]){ 0, 0, 2, 2 }, (float[4]){ 1, 0, 3, 2 }) == 1 / 3.0f,
		"IoU of boxes without area is 0, of overlapping boxes 1/3");
}

/* --- the loss of a batch */

struct setup {
	struct config config;
	struct params params;
	struct detect *self;
	struct batch batch;
	struct tape tape;
};

static void
setup_open(struct setup *s, long window)
{
	int i, k;

	*s = (struct setup){ .config = config_default() };
	s->config.image = IMAGE;
	s->config.patch = PATCH;
	s->config.embed_dim = 24;
	s->config.depth = 6;
	s->config.heads = 2;
	s->config.classes = CLASSES;
	s->config.fpn_dim = 12;
	s->config.window_size = window;
	s->self = detect_task.open(&s->config, &s->params);
	params_build(&s->params);
	params_init(&s->params, 3);
	batch_open(&s->batch, N, &s->self->config, BATCH_BOXES);
	s->batch.N = N;
	for (i = 0; i < N; i++) {
		struct rng r = rng_at(4, i, "pixels", "");

		for (k = 0; k < 3 * IMAGE * IMAGE; k++)
			s->batch.images[i * 3 * IMAGE * IMAGE + k] = (uint8_t)rng_below(&r, 256);
	}
}

static void
setup_close(struct setup *s)
{
	detect_task.close(s->self);
	params_free(&s->params);
	tape_free(&s->tape);
	batch_close(&s->batch);
}

/* the same boxes in every image but the last, which has none */
static void
set_boxes(struct setup *s, struct boxes boxes)
{
	int i;

	for (i = 0; i < N - 1; i++)
		s->batch.boxes[i] = boxes;
	s->batch.boxes[N - 1] = (struct boxes){ 0 };
}

/* loss, terms and gradient, in micro-batches of `micro` */
static double
total(struct setup *s, int micro, double terms[DETECT_TERMS], float *grads)
{
	struct part_loss out;
	double loss = 0;
	int i, k;

	memset(terms, 0, sizeof *terms * DETECT_TERMS);
	memset(grads, 0, sizeof *grads * s->params.size);
	for (i = 0; i < N; i += micro) {
		tape_reset(&s->tape, true, &s->params, grads);
		detect_task.forward(s->self, &s->tape, &s->batch, i, micro, &out);
		loss += out.loss->x[0];
		for (k = 0; k < DETECT_TERMS; k++)
			terms[k] += out.terms[k];
		var_seed(out.loss, NULL, 1);
		tape_backward(&s->tape);
	}
	return loss;
}

static void
micro_batches(long window)
{
	struct setup s;
	double terms[2][DETECT_TERMS], a, b, worst = 0, top = 0;
	float *grads[2];
	size_t i;
	int k;

	setup_open(&s, window);
	set_boxes(&s, draw("loss", 9, IMAGE, IMAGE, 0));
	grads[0] = params_block(&s.params);
	grads[1] = params_block(&s.params);
	a = total(&s, N, terms[0], grads[0]);
	b = total(&s, 1, terms[1], grads[1]);
	for (i = 0; i < s.params.size; i++) {
		worst = fmax(worst, fabs((double)(grads[0][i] - grads[1][i])));
		top = fmax(top, fabs((double)grads[0][i]));
	}
	for (k = 0; k < DETECT_TERMS; k++)
		worst = fmax(worst, fabs(terms[0][k] - terms[1][k]));
	ok(fabs(a - b) < 1e-5 * a && worst < 1e-4 * fmax(top, 1) && top > 0,
		"window_size=%ld: micro-batches of 1 and %d give the same loss (%.6f) and gradient (%.1e)", window, N,
		a, worst);
	ok(fabs(a - terms[0][DETECT_CLASS] - terms[0][DETECT_BOX] - terms[0][DETECT_CENTER]) < 1e-4,
		"the detection loss is the sum of its terms");
	params_block_free(grads[0]);
	params_block_free(grads[1]);
	setup_close(&s);
}

/* unusual batches have a finite loss */
static void
odd(void)
{
	static const struct { const char *name; int count, flags; } cases[] = {
		{ "no boxes at all", 0, 0 }, { "all difficult", 9, BOX_DIFFICULT }, { "all crowd", 9, BOX_CROWD },
		{ "one box", 1, 0 } };
	struct setup s;
	double terms[DETECT_TERMS], loss;
	float *grads;
	size_t i, k;
	int finite;

	setup_open(&s, 0);
	grads = params_block(&s.params);
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		set_boxes(&s, draw(cases[i].name, cases[i].count, IMAGE, IMAGE, cases[i].flags));
		loss = total(&s, 2, terms, grads);
		for (k = 0, finite = isfinite(loss); k < s.params.size; k++)
			finite &= isfinite(grads[k]) != 0;
		ok(finite && loss > 0 && (cases[i].flags ? terms[DETECT_POSITIVES] == 0 : 1),
			"%s: the loss is finite, %.3f, with %g positives per image", cases[i].name, loss,
			terms[DETECT_POSITIVES]);
	}
	boxes_flags[0] = 0;
	memcpy(boxes_box[0], (float[4]){ 0, 0, IMAGE, IMAGE }, sizeof boxes_box[0]);
	set_boxes(&s, (struct boxes){ .count = 1, .box = boxes_box, .class = boxes_class, .flags = boxes_flags });
	loss = total(&s, 2, terms, grads);
	ok(isfinite(loss) && terms[DETECT_POSITIVES] > 0,
		"a box of the whole image: the loss is finite, with %g positives per image", terms[DETECT_POSITIVES]);
	params_block_free(grads);
	setup_close(&s);
	s.config = config_default();
	s.config.image = IMAGE;
	s.config.patch = PATCH;
	ok(!detect_task.open(&s.config, &s.params) && err_status() == ERR_USAGE,
		"a detector without classes is refused: %s", err_text());
}

int
main(void)
{
	assignment(8, 8);
	assignment(5, 9);
	assignment(1, 1);
	centerness();
	suppression();
	micro_batches(0);
	micro_batches(3);
	odd();
	return tap_end();
}
